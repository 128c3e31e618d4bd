package store

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// scimEdit is a change of an identity with all that hangs together with it.
type scimEdit struct {
	tenant   SCIMTenant
	at       time.Time
	nonce    string // tells apart what is made at one time
	identity edited[gitlab.SCIMIdentity]
	notes             // the user and the membership in the tenant's group
	more     []Change // written in the same transaction
	owner    *Record  // another owner, who must stay
	event    AuditedChange
}

// newEdit begins an edit of nothing.
func (s *Store) newEdit(a SCIMAccess, t SCIMTenant) *scimEdit {
	e := &scimEdit{tenant: t, at: s.now().UTC(), nonce: rand.Text()[:8], notes: notes{group: t.namespaceID()}}
	e.event = a.audits(&t, e.at, "")
	return e
}

// editOf begins an edit of what was loaded.
func (s *Store) editOf(a SCIMAccess, u *SCIMUser) *scimEdit {
	e := s.newEdit(a, u.Tenant)
	identity, user := u.Identity, u.User
	e.identity = edited[gitlab.SCIMIdentity]{was: u.identity, next: &identity}
	e.user = edited[gitlab.User]{was: u.user, next: &user}
	if u.member != nil {
		e.member.was = u.member
		if member, ok := u.member.value.(*gitlab.Member); ok {
			next := *member
			e.member.next = &next
		}
	}
	return e
}

// activate lets the user in again: into the group with the default role, or into the account if SCIM had blocked it.
func (e *scimEdit) activate() error {
	if e.tenant.Group == nil && !e.user.next.Active() && !e.user.next.SCIMBlocked {
		return ErrSCIMBlocked
	}
	e.identity.next.Active = true
	if u := e.user.next; e.tenant.Group == nil && u.SCIMBlocked {
		u.State, u.SCIMBlocked = gitlab.UserActive, false
	}
	e.grant()
	return nil
}

// grant makes the user a member of the tenant's group, unless that is one already, or has an address that is not allowed
// there.
func (e *scimEdit) grant() {
	group := e.tenant.Group
	if group == nil {
		return
	}
	m := e.member.next
	if m != nil {
		m.SCIMInactive = false
	}
	allowed := len(group.AllowedEmailDomains) == 0 || gitlab.EmailDomain(e.user.next.Email, group.AllowedEmailDomains)
	if !allowed || (m != nil && m.Level(e.at) > gitlab.NoAccess) {
		return
	}
	if m == nil {
		m = &gitlab.Member{UserID: e.user.next.ID, NamespaceID: e.tenant.namespaceID()}
		e.member.next = m
	}
	m.AccessLevel, m.ExpiresAt, m.Awaiting = max(group.SAMLDefaultMembershipRole, gitlab.Guest), nil, false
}

// suspend is the contrary: the identity of a group becomes inactive and the membership goes; an account is blocked. What
// lies below the group is not looked at. The groups of the identity provider that the user is in are remembered.
func (e *scimEdit) suspend() {
	if e.tenant.Group == nil {
		if u := e.user.next; u.State != gitlab.UserBlocked && u.State != gitlab.UserBanned {
			u.State, u.SCIMBlocked = gitlab.UserBlocked, true
		}
		return
	}
	e.identity.next.Active = false
	switch m := e.member.next; {
	case m == nil:
	case len(m.SCIMGroups) == 0:
		e.member.next = nil
	default:
		e.member.next = &gitlab.Member{
			UserID: m.UserID, NamespaceID: m.NamespaceID, SCIMGroups: m.SCIMGroups, SCIMInactive: true,
		}
	}
}

// changes are the writes of one transaction.
func (e *scimEdit) changes() []Change {
	changes := []Change{e.user.change(UserRecord), e.member.change(MemberRecord)}
	if e.owner != nil {
		changes[1].While = append(changes[1].While, e.owner)
	}
	identity := e.identity.change(SCIMIdentityRecord)
	identity.While = e.noted()
	if identity.Old != nil && identity.Old.key != identity.New.key { // a new external UID is a new record
		return append(append(changes, e.more...), Change{Old: identity.Old, While: identity.While}, Change{New: identity.New})
	}
	return append(append(changes, e.more...), identity)
}

// touch says when the identity changed: later than the last time, because that is how versions are told apart.
func (e *scimEdit) touch() {
	at := e.at
	if was := e.identity.next.UpdatedAt; was != nil && !at.After(*was) {
		at = was.Add(1)
	}
	e.identity.next.UpdatedAt = &at
}

// commit writes an edit with its event in one transaction, and returns what is there then, which can not be changed without
// loading it again. What hangs off it apart goes before when all together are too many: cut off there, the identity is as it
// was, and the same request again does the rest.
func (s *Store) commit(ctx context.Context, e *scimEdit) (SCIMUser, error) {
	e.touch()
	e.describe()
	changes, beside := e.changes(), append(e.unnoted(), e.event.kept())
	all := slices.Concat(e.apart, changes)
	writes, err := Writes(all...)
	if err != nil {
		return SCIMUser{}, err
	}
	if len(writes)+len(beside) > table.TransactionItems {
		if err := s.applyApart(ctx, e.apart); err != nil {
			return SCIMUser{}, err
		}
		all = changes
	}
	if err := s.applyWith(ctx, all, beside...); err != nil {
		return SCIMUser{}, err
	}
	return e.result(), nil
}

// result is what was written.
func (e *scimEdit) result() SCIMUser {
	u := SCIMUser{Tenant: e.tenant, Identity: *e.identity.next, User: *e.user.next}
	version := int64(1)
	if e.user.was != nil {
		version = e.user.was.version
		if !e.user.change(UserRecord).Empty() {
			version++
		}
	}
	u.Version = scimVersion(&u.Identity, version)
	return u
}
