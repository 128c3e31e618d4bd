package scimkeys

import (
	"postern/shared/gitlab"
	"postern/shared/table"
)

// Tenant is the name of a tenant in keys: a group by its id, or the instance.
func Tenant(ns *gitlab.ID) string {
	if ns == nil {
		return "instance"
	}
	return table.ID(*ns)
}

// key is a key in the partition of a tenant.
func key(tenant, place string) table.Key { return table.Key{PK: "scim#" + tenant, SK: place} }

// Token is the token of a tenant.
func Token(tenant string) table.Key { return key(tenant, "token") }

// Identity is an identity by its external UID.
func Identity(tenant, uid string) table.Key { return key(tenant, "identity#"+uid) }

// User is an identity by its user.
func User(tenant string, user gitlab.ID) table.Key { return key(tenant, "user#"+table.ID(user)) }

// Group is a group of a tenant.
func Group(tenant string, group gitlab.ID) table.Key { return key(tenant, "group#"+table.ID(group)) }

// GroupName leads from a name to its group.
func GroupName(tenant, name string) table.Key {
	return key(tenant, "groupname#"+gitlab.FoldPath(name))
}

// GroupMember is a member of a group.
func GroupMember(group, user gitlab.ID) table.Key {
	return table.Key{PK: "scimgroup#" + table.ID(group), SK: "scimmember#" + table.ID(user)}
}
