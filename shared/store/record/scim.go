package record

import (
	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// SAMLGroupLinkRecord gives an identity provider's group a level in a namespace, whose own item notes it, too: it is read
// with every request.
func SAMLGroupLinkRecord(l *gitlab.SAMLGroupLink) *Record {
	r := newRecord(samlLinkKey(l.NamespaceID, l.SAMLGroupName), l)
	ns := layout.NamespaceKey(l.NamespaceID)
	r.refer(ns)
	r.entries = append(r.entries, entry{
		key: ns, attribute: "saml_group_levels", name: l.SAMLGroupName, value: table.Number(int64(l.AccessLevel)),
	})
	return r
}

// SCIMTokenRecord is the token of a tenant's identity provider, found by its digest. The instance is tenant 0.
func SCIMTokenRecord(t *gitlab.SCIMToken) *Record {
	r := newRecord(scimkeys.Token(scimkeys.Tenant(t.NamespaceID)), t)
	tenant := gitlab.ID(0)
	if t.NamespaceID != nil {
		tenant = *t.NamespaceID
		r.refer(layout.NamespaceKey(tenant))
	}
	r.lead(layout.DigestKey(t.Digest), layout.KindSCIMToken, tenant)
	return r
}

// SCIMIdentityRecord links a user to a tenant's identity provider. A user has one identity with each tenant; the item
// of that says the same as the record's own, as does the one in the tenant's list. Who is in the list is counted.
func SCIMIdentityRecord(i *gitlab.SCIMIdentity) *Record {
	tenant := scimkeys.Tenant(i.NamespaceID)
	r := newRecord(scimkeys.Identity(tenant, i.ExternUID), i)
	if i.NamespaceID != nil {
		r.refer(layout.NamespaceKey(*i.NamespaceID))
	}
	r.indexes[scimkeys.User(tenant, i.UserID)] = index{attrs: table.Encode(i), mode: unique}
	r.referTo(layout.UserKey(i.UserID), "scim#"+tenant)
	if block, ok := scimkeys.Block(i.Place); ok && !i.Deleted {
		r.own(scimkeys.List(tenant, i.Place), table.Encode(i))
		r.tallies = []tally{{scimkeys.Counts(tenant, block, scimkeys.Shard(i.Place)), BlockName(int64(block))}}
	}
	return r
}

// SCIMGroupRecord is a group of a tenant's identity provider, found by its name.
func SCIMGroupRecord(g *gitlab.SCIMGroup) *Record {
	tenant := scimkeys.Tenant(g.NamespaceID)
	r := newRecord(scimkeys.Group(tenant, g.ID), g)
	if g.NamespaceID != nil {
		r.refer(layout.NamespaceKey(*g.NamespaceID))
	}
	r.lead(scimkeys.GroupName(tenant, g.DisplayName), layout.KindSCIMGroup, g.ID)
	return r
}

// SCIMGroupMemberRecord is a member of such a group, listed with the user.
func SCIMGroupMemberRecord(m *gitlab.SCIMGroupMember) *Record {
	r := newRecord(scimkeys.GroupMember(m.GroupID, m.UserID), m)
	r.refer(scimkeys.Group(scimkeys.Tenant(m.NamespaceID), m.GroupID))
	r.referTo(layout.UserKey(m.UserID), "scimmember#"+table.ID(m.GroupID))
	return r
}
