package tenants

import (
	"context"
	"errors"
	"strconv"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// Why a change of an identity or a SCIM group is refused.
var (
	// ErrSCIMTaken says that an external UID, a user, an address or a name belongs to somebody else.
	ErrSCIMTaken = errors.New("store: SCIM: taken")
	// ErrSCIMLastOwner says that a group would be left without owner.
	ErrSCIMLastOwner = errors.New("store: SCIM: last owner of the group")
	// ErrSCIMBlocked says that somebody else blocked the account, which an identity provider cannot undo.
	ErrSCIMBlocked = errors.New("store: SCIM: blocked by an administrator")
	// ErrSCIMTooMany says that a tenant or group has more than can be read for one request.
	ErrSCIMTooMany = errors.New("store: SCIM: too many")
)

// SCIMUser is an identity with the user that it links. One that LoadSCIMUser returned can be changed: it holds the records
// as they were read, which must not have changed until then.
type SCIMUser struct {
	Tenant   SCIMTenant
	Identity gitlab.SCIMIdentity
	User     gitlab.User
	// Version is another one after every change of the identity or the user: letters, digits and "-".
	Version string

	identity, user *record.Record
	member         *record.Record // the membership in the tenant's group; nil for none
}

// Active reports whether the user may come in through this identity: the instance's identities follow the account.
func (u *SCIMUser) Active() bool {
	return u.Identity.Active && (u.Tenant.Group != nil || u.User.Active())
}

// scimVersion tells states of an identity and its user apart: when the former changed, and the latter's version.
func scimVersion(i *gitlab.SCIMIdentity, user int64) string {
	changed := int64(0)
	if i.UpdatedAt != nil {
		changed = i.UpdatedAt.UnixNano()
	}
	return strconv.FormatInt(changed, 36) + "-" + strconv.FormatInt(user, 36)
}

// LoadSCIMUser reads an identity by its external UID. ErrNotFound when there never was one; one that the identity provider
// has deleted is returned with Identity.Deleted, because it can be brought back.
func (s *Tenants) LoadSCIMUser(ctx context.Context, a SCIMAccess, uid string) (SCIMUser, error) {
	var found foundIdentity
	tenant, err := s.admitted(ctx, a, func(v *view, tenant gitlab.ID) bool {
		var known bool
		found, known = v.scimIdentity(tenant, uid)
		return known
	})
	if err != nil {
		return SCIMUser{}, err
	}
	return s.scimUser(ctx, tenant, found)
}

// foundIdentity is an identity with what hangs together with it, as items; nil where there is none.
type foundIdentity struct {
	identity, user, member table.Item
}

// scimIdentity evaluates an identity by its external UID, with its user and, of a group's, the membership there. A user who
// is being removed is no longer there, and neither is the identity.
func (v *view) scimIdentity(tenant gitlab.ID, uid string) (found foundIdentity, known bool) {
	if !table.Nameable(uid) {
		return found, true
	}
	own := scimkeys.Identity(tenantName(tenant), uid)
	identity, known := lookup.Read[gitlab.SCIMIdentity](v.View, own)
	switch {
	case !known:
		if user, ok := v.store.hints.scimUsers.Get(own); ok {
			v.linkedUser(tenant, user)
		}
		return found, false
	case identity == nil:
		return found, true
	}
	v.store.hints.scimUsers.Add(own, identity.UserID)
	found, known = v.linkedUser(tenant, identity.UserID)
	found.identity = v.Item(own)
	if found.user == nil {
		return foundIdentity{}, known
	}
	return found, known
}

// linkedUser evaluates a user and the membership in a tenant's group.
func (v *view) linkedUser(tenant, id gitlab.ID) (found foundIdentity, known bool) {
	user, known := v.User(id)
	if user != nil {
		found.user = v.Item(layout.UserKey(id))
	}
	if tenant != 0 {
		member, memberKnown := v.Get(layout.NamespaceMemberKey(tenant, id))
		found.member, known = member, known && memberKnown
	}
	return found, known
}

// scimUser builds the records of what was found.
func (s *Tenants) scimUser(ctx context.Context, t SCIMTenant, found foundIdentity) (SCIMUser, error) {
	if found.identity == nil {
		return SCIMUser{}, table.ErrNotFound
	}
	u := SCIMUser{Tenant: t}
	var err [3]error
	u.identity, err[0] = s.records.Stored(ctx, found.identity)
	u.user, err[1] = s.records.Stored(ctx, found.user)
	if found.member != nil {
		u.member, err[2] = s.records.Stored(ctx, found.member)
	}
	if err := errors.Join(err[:]...); err != nil {
		return SCIMUser{}, err
	}
	return u, u.show()
}

// show fills in what the records say.
func (u *SCIMUser) show() error {
	identity, isIdentity := u.identity.Value().(*gitlab.SCIMIdentity)
	user, isUser := u.user.Value().(*gitlab.User)
	if !isIdentity || !isUser {
		return record.ErrSCIMRecords
	}
	u.Identity, u.User = *identity, *user
	u.Version = scimVersion(identity, u.user.Version())
	return nil
}
