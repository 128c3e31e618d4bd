package layout

import (
	"fmt"
	"strconv"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// Copies is the number of identical copies of the instance's items. Every request reads one of them. One partition serves
// 3,000 reads a second, so sixteen serve 48,000 requests a second.
const Copies = 16

// CatalogParts is the number of partitions that list the records of one kind, so that many new records have no hot partition.
const CatalogParts = 16

// SortableTime formats times as texts in the order of the times.
const SortableTime = "2006-01-02T15:04:05.000000000Z"

// Removing is the attribute of a record whose removal has begun. No other record may refer to it any more.
const Removing = "removing"

// key builds a key of its two parts.
func key(pk, sk string) table.Key { return table.Key{PK: pk, SK: sk} }

// InstanceKey is the n-th copy of the instance's settings and storages.
func InstanceKey(n int) table.Key { return key("instance#"+strconv.Itoa(n), "settings") }

// BroadcastKey is the n-th copy of the broadcast messages.
func BroadcastKey(n int) table.Key { return key("instance#"+strconv.Itoa(n), "broadcasts") }

// UserKey is a user.
func UserKey(id gitlab.ID) table.Key { return key("user#"+table.ID(id), "user") }

// UsernameKey leads from a username to its user.
func UsernameKey(username string) table.Key {
	return key("username#"+gitlab.FoldPath(username), "username")
}

// EmailKey leads from an address to its user.
func EmailKey(email string) table.Key { return key("email#"+gitlab.FoldPath(email), "email") }

// GhostKey leads to the ghost user.
func GhostKey() table.Key { return key("ghost", "ghost") }

// KeyKey is an SSH key, personal or deploy.
func KeyKey(id gitlab.ID) table.Key { return key("key#"+table.ID(id), "key") }

// FingerprintKey leads from a fingerprint to its SSH key.
func FingerprintKey(fp string) table.Key { return key("fingerprint#"+fp, "fingerprint") }

// LinkKey is the access of a deploy key to a project, in the partition of the key.
func LinkKey(deployKey, project gitlab.ID) table.Key {
	return key("key#"+table.ID(deployKey), "project#"+table.ID(project))
}

// SSHCAKey is a certificate authority that a group trusts.
func SSHCAKey(fp string, ns gitlab.ID) table.Key { return key("sshca#"+fp, "ns#"+table.ID(ns)) }

// NamespaceKey is a namespace.
func NamespaceKey(id gitlab.ID) table.Key { return key("ns#"+table.ID(id), "namespace") }

// ChildKey is the child of a namespace at a segment of a path, which is the truth about paths. The parent 0 is the top level,
// where every child has a partition of its own.
func ChildKey(parent gitlab.ID, segment string) table.Key {
	if parent == 0 {
		return key("root#"+gitlab.FoldPath(segment), "child")
	}
	return key("ns#"+table.ID(parent), "child#"+gitlab.FoldPath(segment))
}

// PathKey leads from a full path to a project or group: a shortcut or a redirect.
func PathKey(fullPath string) table.Key { return key("path#"+gitlab.FoldPath(fullPath), "path") }

// ProjectKey is a project.
func ProjectKey(id gitlab.ID) table.Key { return key("project#"+table.ID(id), "project") }

// ProjectMemberKey is a membership in a project.
func ProjectMemberKey(project, user gitlab.ID) table.Key {
	return key("project#"+table.ID(project), "member#"+table.ID(user))
}

// NamespaceMemberKey is a membership in a namespace.
func NamespaceMemberKey(ns, user gitlab.ID) table.Key {
	return key("ns#"+table.ID(ns), "member#"+table.ID(user))
}

// OwnerKey lists a member of a namespace who owns it.
func OwnerKey(ns, user gitlab.ID) table.Key {
	return key("ns#"+table.ID(ns), "owner#"+table.ID(user))
}

// Partition is the partition of a project, or else of a namespace, or else of the instance.
func Partition(project, ns *gitlab.ID) string {
	if project != nil {
		return "project#" + table.ID(*project)
	}
	if ns != nil {
		return "ns#" + table.ID(*ns)
	}
	return "instance"
}

// RulesKey is a part of the protection rules of a place. The part 0 is the record's own item; rules that outgrow it have more.
func RulesKey(partition string, part int) table.Key {
	if part == 0 {
		return key(partition, "rules")
	}
	return key(partition, "rules#"+strconv.Itoa(part))
}

// RefKey is a ref of a project.
func RefKey(project gitlab.ID, ref string) table.Key {
	return key("project#"+table.ID(project), "ref#"+EscapeRef(ref))
}

// MergeRequestKey is a merge request of its target project.
func MergeRequestKey(project, iid gitlab.ID) table.Key {
	return key("project#"+table.ID(project), "mr#"+table.ID(iid))
}

// OpenFromKey notes the open merge requests from a source branch.
func OpenFromKey(source gitlab.ID, branch string) table.Key {
	return key("project#"+table.ID(source), "mropen#"+EscapeRef(branch))
}

// SnippetKey is a snippet.
func SnippetKey(id gitlab.ID) table.Key { return key("snippet#"+table.ID(id), "snippet") }

// PolicyKey is a security policy of a place.
func PolicyKey(partition, name string) table.Key { return key(partition, "policy#"+name) }

// AgentKey is an agent.
func AgentKey(id gitlab.ID) table.Key { return key("agent#"+table.ID(id), "agent") }

// AgentTokenKey is a token of an agent.
func AgentTokenKey(id gitlab.ID) table.Key { return key("agenttoken#"+table.ID(id), "agenttoken") }

// FindingKey is a finding of an agent.
func FindingKey(agent gitlab.ID, uuid string) table.Key {
	return key("findings#"+table.ID(agent), "finding#"+uuid)
}

// PersonalTokenKey is a personal access token.
func PersonalTokenKey(id gitlab.ID) table.Key { return key("pat#"+table.ID(id), "pat") }

// DigestKey leads from the digest of a token to the token.
func DigestKey(digest string) table.Key { return key("token#"+digest, "token") }

// OTPSessionKey is the one-time-password session of an SSH key.
func OTPSessionKey(sshKey gitlab.ID) table.Key { return key("otp#"+table.ID(sshKey), "session") }

// ExclusionKey is the exclusion of a namespace from the storage limit.
func ExclusionKey(ns gitlab.ID) table.Key { return key("exclusions", "ns#"+table.ID(ns)) }

// ExclusionOrderKey is the copy of an exclusion in the order of the ids.
func ExclusionOrderKey(id gitlab.ID) table.Key { return key("exclusions", fmt.Sprintf("id#%019d", id)) }

// ExclusionCountsKey is the number of exclusions in each block of ids.
func ExclusionCountsKey() table.Key { return key("exclusions", "counts") }

// BackKey lists a dependent record with a record of another partition, so that a removal finds it: BackKey("user#13",
// "key#101") lists key 101 with user 13.
func BackKey(partition, dependent string) table.Key { return key(partition, "back#"+dependent) }

// CounterKey counts the ids of a kind that the service gives out.
func CounterKey(kind string) table.Key { return key("counter#"+kind, "counter") }

// CatalogKey lists a record among those of its kind. Every record depends on a user, a namespace, a project or a key, and is
// listed there. The catalog lists these four, so the whole directory can be read without a Scan.
func CatalogKey(kind string, id gitlab.ID) table.Key {
	return CatalogPart(kind, int(id%CatalogParts), table.ID(id))
}

// CatalogPart is a place in one of the partitions of the catalog.
func CatalogPart(kind string, part int, place string) table.Key {
	return key("catalog#"+kind+"#"+strconv.Itoa(part), place)
}

// OwnKey is the own item of a record of a kind that others refer to by id.
func OwnKey(kind string, id gitlab.ID) table.Key {
	switch kind {
	case KindUser:
		return UserKey(id)
	case KindNamespace:
		return NamespaceKey(id)
	case KindProject:
		return ProjectKey(id)
	case KindAgent:
		return AgentKey(id)
	case KindPersonalToken:
		return PersonalTokenKey(id)
	case KindAgentToken:
		return AgentTokenKey(id)
	}
	return KeyKey(id)
}
