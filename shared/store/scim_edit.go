package store

import (
	"context"
	"crypto/rand"
	"time"

	"postern/shared/gitlab"
)

// edited is a record before and after a change; next nil is none.
type edited[T any] struct {
	was  *Record
	next *T
}

// begin lets next be a copy of what was.
func (e *edited[T]) begin() error {
	value, ok := e.was.value.(*T)
	if !ok {
		return errSCIMRecords
	}
	next := *value
	e.next = &next
	return nil
}

// change is what has to be written.
func (e *edited[T]) change(record func(*T) *Record) Change {
	c := Change{Old: e.was}
	if e.next != nil {
		c.New = record(e.next)
	}
	return c
}

// scimEdit is a change of an identity with all that hangs together with it.
type scimEdit struct {
	tenant   SCIMTenant
	at       time.Time
	nonce    string // tells apart what is made at one time
	identity edited[gitlab.SCIMIdentity]
	user     edited[gitlab.User]
	member   edited[gitlab.Member] // in the tenant's group
	more     []Change              // written in the same transaction
	apart    []Change              // likewise, and before it when they are too many
	owner    *Record               // another owner, who must stay
	event    AuditedChange
}

// newEdit begins an edit of nothing.
func (s *Store) newEdit(a SCIMAccess, t SCIMTenant) *scimEdit {
	e := &scimEdit{tenant: t, at: s.now().UTC(), nonce: rand.Text()[:8]}
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
	changes := e.changes()
	ops, err := merged(append(e.apart, changes...))
	beside := append(e.unnoted(), e.event.kept())
	if err == nil && len(ops)+len(beside) > transactionItems {
		if err := s.applyApart(ctx, e.apart); err != nil {
			return SCIMUser{}, err
		}
		ops, err = merged(changes)
	}
	if err != nil {
		return SCIMUser{}, err
	}
	if err := s.transact(ctx, append(ops, beside...)); err != nil {
		return SCIMUser{}, err
	}
	return e.result(), nil
}

// applyApart writes independent changes.
func (s *Store) applyApart(ctx context.Context, changes []Change) error {
	sets := make([][]Change, len(changes))
	for i, c := range changes {
		sets[i] = []Change{c}
	}
	return firstError(s.ApplyEach(ctx, sets))
}

// firstError returns the first error of a list, which may be nil.
func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
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
