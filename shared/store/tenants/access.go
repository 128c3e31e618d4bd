package tenants

import (
	"context"
	"crypto/subtle"
	"errors"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// Why a SCIM token does not open what it is shown for.
var (
	// ErrSCIMToken says that no tenant has such a token.
	ErrSCIMToken = errors.New("store: SCIM token: none, or unknown")
	// ErrSCIMTenant says that there is a token, and that it does not open this tenant: it is another one's or disabled, or
	// there is no such group, or it has no SAML. All of these are to be answered alike.
	ErrSCIMTenant = errors.New("store: SCIM token: not for this tenant")
)

// SCIMAccess is what a request of an identity provider shows: whose identities it asks for, and its token. Every SCIM
// function loads token and tenant together with what is asked for, and judges them first.
type SCIMAccess struct {
	Instance  bool   // asks for the instance's identities; GroupPath counts for nothing then
	GroupPath string // of a top-level group, without regard to case
	Digest    string // of the token (gitlab.TokenDigest)
	RequestID string // for the audit
}

// SCIMTenant is whose identities they are.
type SCIMTenant struct {
	Settings record.Settings
	Group    *gitlab.Namespace // nil: the instance's
}

// namespaceID is the group's as records have it, nil for the instance.
func (t *SCIMTenant) namespaceID() *gitlab.ID {
	if t.Group == nil {
		return nil
	}
	id := t.Group.ID
	return &id
}

// name is how keys name the tenant.
func (t *SCIMTenant) name() string { return scimkeys.Tenant(t.namespaceID()) }

// tenantName is how keys name a tenant by its id.
func tenantName(id gitlab.ID) string {
	if id == 0 {
		return scimkeys.Tenant(nil)
	}
	return scimkeys.Tenant(&id)
}

// LoadSCIMTenant reads what a token opens. Besides ErrSCIMToken and ErrSCIMTenant, what all SCIM functions return for a
// token that does not open the tenant, it returns an UnavailableError when the table does not answer.
func (s *Tenants) LoadSCIMTenant(ctx context.Context, a SCIMAccess) (SCIMTenant, error) {
	return s.admitted(ctx, a, func(*view, gitlab.ID) bool { return true })
}

// admitted evaluates what a request asks for of the tenant that its token opens. It is evaluated for the tenant that the
// token seems to open while that is not known, so that it is read in the same trip.
func (s *Tenants) admitted(
	ctx context.Context, a SCIMAccess, evaluate func(v *view, tenant gitlab.ID) bool,
) (SCIMTenant, error) {
	v := s.newView()
	var door scimDoor
	err := v.Resolve(ctx, func() bool {
		var known bool
		door, known = v.scimDoor(a)
		if door.refused != nil || !door.opens {
			return known
		}
		return evaluate(v, door.tenant) && known
	})
	if err != nil {
		return SCIMTenant{}, err
	}
	if door.refused != nil {
		return SCIMTenant{}, door.refused
	}
	s.hints.scimTenants.Add(a.Digest, door.tenant)
	return door.is, nil
}

// scimDoor is what a token opens.
type scimDoor struct {
	is      SCIMTenant
	tenant  gitlab.ID // the tenant, or the one it seems to be while that is not known
	opens   bool      // tenant is set
	refused error
}

// scimDoor evaluates a token and its tenant. The token's own record says whose it is, and the namespace whether that is a
// top-level group that has SAML now.
func (v *view) scimDoor(a SCIMAccess) (d scimDoor, known bool) {
	settings, settingsKnown := v.Settings()
	d.is.Settings = settings
	if !table.Nameable(a.Digest) {
		d.refused = ErrSCIMToken
		return d, true
	}
	lead, known := lookup.Read[lookup.Target](v.View, layout.DigestKey(a.Digest))
	switch {
	case !known && a.Instance:
		d.opens = true
	case !known:
		d.tenant, d.opens = v.store.hints.scimTenants.Get(a.Digest)
	case lead == nil || lead.Kind != layout.KindSCIMToken:
		d.refused = ErrSCIMToken
		return d, true
	default:
		d.tenant, d.opens = lead.ID, true
	}
	if !d.opens {
		return d, false
	}
	tokenKnown := v.scimToken(&d, a)
	groupKnown := v.scimGroup(&d, a)
	known = known && settingsKnown && tokenKnown && groupKnown
	if known && d.refused == nil && a.Instance && !settings.SAMLEnabled {
		d.refused = ErrSCIMTenant
	}
	if !known {
		d.refused = nil
	}
	return d, known
}

// scimToken evaluates the tenant's token: it must be the one that is shown, and enabled.
func (v *view) scimToken(d *scimDoor, a SCIMAccess) bool {
	token, known := lookup.Read[gitlab.SCIMToken](v.View, scimkeys.Token(tenantName(d.tenant)))
	switch {
	case !known:
	case token == nil || subtle.ConstantTimeCompare([]byte(token.Digest), []byte(a.Digest)) != 1:
		d.refused = ErrSCIMToken
	case !token.Enabled || a.Instance != (d.tenant == 0):
		d.refused = ErrSCIMTenant
	}
	return known
}

// scimGroup evaluates the group that is asked for. A token of the instance has none.
func (v *view) scimGroup(d *scimDoor, a SCIMAccess) bool {
	if d.tenant == 0 {
		return true
	}
	group, known := lookup.Read[gitlab.Namespace](v.View, layout.NamespaceKey(d.tenant))
	if !known {
		return false
	}
	d.is.Group = group
	if d.refused == nil && (group == nil || !group.HasSAML() || gitlab.FoldPath(group.Path) != gitlab.FoldPath(a.GroupPath)) {
		d.refused = ErrSCIMTenant
	}
	return true
}
