package tenants

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// SCIMLookup asks for the identity of one of these; exactly one is set.
type SCIMLookup struct {
	UID      string // exact
	UserName string // an external UID, or else a username, or else an address
	Email    string // without regard to case, as usernames are
}

// FindSCIMUsers reads the identity that a lookup names: none or one, in two calls. Those that are deleted are not found.
func (s *Tenants) FindSCIMUsers(ctx context.Context, a SCIMAccess, l SCIMLookup) (SCIMUserPage, error) {
	var found foundIdentity
	tenant, err := s.admitted(ctx, a, func(v *view, tenant gitlab.ID) bool {
		var known bool
		found, known = v.scimLookup(tenant, l)
		return known
	})
	page := SCIMUserPage{Tenant: tenant}
	if err != nil || found.identity == nil {
		return page, err
	}
	page.Users, err = s.listedUser(tenant, found)
	page.Total = len(page.Users)
	return page, err
}

// listedUser is what was found as a list, which holds no records that can be changed.
func (s *Tenants) listedUser(t SCIMTenant, found foundIdentity) ([]SCIMUser, error) {
	u := SCIMUser{Tenant: t}
	if err := table.Decode(found.identity, &u.Identity); err != nil {
		return nil, err
	}
	if err := table.Decode(found.user, &u.User); err != nil {
		return nil, err
	}
	u.Version = scimVersion(&u.Identity, table.Integer(found.user, "v"))
	return []SCIMUser{u}, nil
}

// scimLookup evaluates a lookup. All that it may lead through is asked for at once.
func (v *view) scimLookup(tenant gitlab.ID, l SCIMLookup) (foundIdentity, bool) {
	switch {
	case l.UID != "":
		return v.presentIdentity(tenant, l.UID)
	case l.Email != "":
		return v.identityOf(tenant, layout.EmailKey(l.Email))
	case !table.Nameable(l.UserName):
		return foundIdentity{}, true
	}
	v.Want(layout.UsernameKey(l.UserName), layout.EmailKey(l.UserName))
	found, known := v.presentIdentity(tenant, l.UserName)
	for _, lead := range []table.Key{layout.UsernameKey(l.UserName), layout.EmailKey(l.UserName)} {
		if !known || found.identity != nil {
			return found, known
		}
		found, known = v.identityOf(tenant, lead)
	}
	return found, known
}

// presentIdentity evaluates an identity by its external UID; none when it is deleted.
func (v *view) presentIdentity(tenant gitlab.ID, uid string) (foundIdentity, bool) {
	found, known := v.scimIdentity(tenant, uid)
	if gone(found.identity) {
		return foundIdentity{}, known
	}
	return found, known
}

// identityOf evaluates the identity of the user that a unique value leads to.
func (v *view) identityOf(tenant gitlab.ID, unique table.Key) (foundIdentity, bool) {
	if !table.Nameable(unique.PK) {
		return foundIdentity{}, true
	}
	lead, known := lookup.Read[lookup.Target](v.View, unique)
	if lead == nil {
		return foundIdentity{}, known
	}
	identity, identityKnown := v.Get(scimkeys.User(tenantName(tenant), lead.ID))
	found, known := v.linkedUser(tenant, lead.ID)
	if identity == nil || found.user == nil || gone(identity) {
		return foundIdentity{}, known && identityKnown
	}
	user, _ := v.User(lead.ID)
	if layout.UsernameKey(user.Username) != unique && layout.EmailKey(user.Email) != unique {
		return foundIdentity{}, known // renamed between the two reads
	}
	found.identity = identity
	return found, known
}

// gone reports whether the item of an identity says that it is deleted.
func gone(identity table.Item) bool {
	var i gitlab.SCIMIdentity
	return identity != nil && (table.Decode(identity, &i) != nil || i.Deleted)
}
