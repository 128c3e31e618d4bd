package store

import (
	"postern/shared/gitlab"
)

// SAMLGroupLinkRecord gives an identity provider's group a level in a namespace, whose own item notes it, too: it is read
// with every request.
func SAMLGroupLinkRecord(l *gitlab.SAMLGroupLink) *Record {
	r := newRecord(samlLinkKey(l.NamespaceID, l.SAMLGroupName), l)
	ns := namespaceKey(l.NamespaceID)
	r.refer(ns)
	r.entries = append(r.entries, entry{
		key: ns, attribute: "saml_group_levels", name: l.SAMLGroupName, value: number(int64(l.AccessLevel)),
	})
	return r
}

// SCIMTokenRecord is the token of a tenant's identity provider, found by its digest. The instance is tenant 0.
func SCIMTokenRecord(t *gitlab.SCIMToken) *Record {
	r := newRecord(scimTokenKey(scimTenant(t.NamespaceID)), t)
	tenant := gitlab.ID(0)
	if t.NamespaceID != nil {
		tenant = *t.NamespaceID
		r.refer(namespaceKey(tenant))
	}
	r.lead(digestKey(t.Digest), KindSCIMToken, tenant)
	return r
}

// SCIMIdentityRecord links a user to a tenant's identity provider. A user has one identity with each tenant; the item
// of that says the same as the record's own, as does the one in the tenant's list. Who is in the list is counted.
func SCIMIdentityRecord(i *gitlab.SCIMIdentity) *Record {
	tenant := scimTenant(i.NamespaceID)
	r := newRecord(scimIdentityKey(tenant, i.ExternUID), i)
	if i.NamespaceID != nil {
		r.refer(namespaceKey(*i.NamespaceID))
	}
	r.indexes[scimUserKey(tenant, i.UserID)] = index{attrs: encode(i), mode: unique}
	r.referTo(userKey(i.UserID), "scim#"+tenant)
	if block, ok := scimBlock(i.Place); ok && !i.Deleted {
		r.own(scimListKey(tenant, i.Place), encode(i))
		r.tallies = []tally{{scimCountsKey(tenant, block, scimShard(i.Place)), blockName(int64(block))}}
	}
	return r
}

// SCIMGroupRecord is a group of a tenant's identity provider, found by its name.
func SCIMGroupRecord(g *gitlab.SCIMGroup) *Record {
	tenant := scimTenant(g.NamespaceID)
	r := newRecord(scimGroupKey(tenant, g.ID), g)
	if g.NamespaceID != nil {
		r.refer(namespaceKey(*g.NamespaceID))
	}
	r.lead(scimGroupNameKey(tenant, g.DisplayName), KindSCIMGroup, g.ID)
	return r
}

// SCIMGroupMemberRecord is a member of such a group, listed with the user.
func SCIMGroupMemberRecord(m *gitlab.SCIMGroupMember) *Record {
	r := newRecord(scimGroupMemberKey(m.GroupID, m.UserID), m)
	r.refer(scimGroupKey(scimTenant(m.NamespaceID), m.GroupID))
	r.referTo(userKey(m.UserID), "scimmember#"+num(m.GroupID))
	return r
}
