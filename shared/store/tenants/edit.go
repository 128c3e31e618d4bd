package tenants

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/audit"
	"postern/shared/store/record"
	"postern/shared/table"
)

// scimEdit is a change of an identity with all that hangs together with it.
type scimEdit struct {
	tenant       SCIMTenant
	at           time.Time
	nonce        string // tells apart what is made at one time
	identity     record.Edited[gitlab.SCIMIdentity]
	record.Notes                 // the user and the membership in the tenant's group
	more         []record.Change // written in the same transaction
	owner        *record.Record  // another owner, who must stay
	event        audit.AuditedChange
}

// newEdit begins an edit of nothing.
func (s *Tenants) newEdit(a SCIMAccess, t SCIMTenant) *scimEdit {
	e := &scimEdit{tenant: t, at: s.db.Now().UTC(), nonce: rand.Text()[:8], Notes: record.Notes{Group: t.namespaceID()}}
	e.event = a.audits(&t, e.at, "")
	return e
}

// editOf begins an edit of what was loaded.
func (s *Tenants) editOf(a SCIMAccess, u *SCIMUser) *scimEdit {
	e := s.newEdit(a, u.Tenant)
	identity, user := u.Identity, u.User
	e.identity = record.Edited[gitlab.SCIMIdentity]{Was: u.identity, Next: &identity}
	e.User = record.Edited[gitlab.User]{Was: u.user, Next: &user}
	if u.member != nil {
		e.Member.Was = u.member
		if member, ok := u.member.Value().(*gitlab.Member); ok {
			next := *member
			e.Member.Next = &next
		}
	}
	return e
}

// activate lets the user in again: into the group with the default role, or into the account if SCIM had blocked it.
func (e *scimEdit) activate() error {
	if e.tenant.Group == nil && !e.User.Next.Active() && !e.User.Next.SCIMBlocked {
		return ErrSCIMBlocked
	}
	e.identity.Next.Active = true
	if u := e.User.Next; e.tenant.Group == nil && u.SCIMBlocked {
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
	m := e.Member.Next
	if m != nil {
		m.SCIMInactive = false
	}
	allowed := len(group.AllowedEmailDomains) == 0 || gitlab.EmailDomain(e.User.Next.Email, group.AllowedEmailDomains)
	if !allowed || (m != nil && m.Level(e.at) > gitlab.NoAccess) {
		return
	}
	if m == nil {
		m = &gitlab.Member{UserID: e.User.Next.ID, NamespaceID: e.tenant.namespaceID()}
		e.Member.Next = m
	}
	m.AccessLevel, m.ExpiresAt, m.Awaiting = max(group.SAMLDefaultMembershipRole, gitlab.Guest), nil, false
}

// suspend is the contrary: the identity of a group becomes inactive and the membership goes; an account is blocked. What
// lies below the group is not looked at. The groups of the identity provider that the user is in are remembered.
func (e *scimEdit) suspend() {
	if e.tenant.Group == nil {
		if u := e.User.Next; u.State != gitlab.UserBlocked && u.State != gitlab.UserBanned {
			u.State, u.SCIMBlocked = gitlab.UserBlocked, true
		}
		return
	}
	e.identity.Next.Active = false
	switch m := e.Member.Next; {
	case m == nil:
	case len(m.SCIMGroups) == 0:
		e.Member.Next = nil
	default:
		e.Member.Next = &gitlab.Member{
			UserID: m.UserID, NamespaceID: m.NamespaceID, SCIMGroups: m.SCIMGroups, SCIMInactive: true,
		}
	}
}

// changes are the writes of one transaction.
func (e *scimEdit) changes() []record.Change {
	changes := []record.Change{e.User.Change(record.UserRecord), e.Member.Change(record.MemberRecord)}
	if e.owner != nil {
		changes[1].While = append(changes[1].While, e.owner)
	}
	identity := e.identity.Change(record.SCIMIdentityRecord)
	identity.While = e.Noted()
	if identity.Old != nil && identity.Old.Key() != identity.New.Key() { // a new external UID is a new record
		return append(append(changes, e.more...), record.Change{Old: identity.Old, While: identity.While}, record.Change{New: identity.New})
	}
	return append(append(changes, e.more...), identity)
}

// touch says when the identity changed: later than the last time, because that is how versions are told apart.
func (e *scimEdit) touch() {
	at := e.at
	if was := e.identity.Next.UpdatedAt; was != nil && !at.After(*was) {
		at = was.Add(1)
	}
	e.identity.Next.UpdatedAt = &at
}

// commit writes an edit with its event in one transaction, and returns what is there then, which can not be changed without
// loading it again. What hangs off it apart goes before when all together are too many: cut off there, the identity is as it
// was, and the same request again does the rest.
func (s *Tenants) commit(ctx context.Context, e *scimEdit) (SCIMUser, error) {
	e.touch()
	e.describe()
	changes, beside := e.changes(), append(e.unnoted(), e.event.Kept())
	all := slices.Concat(e.Apart, changes)
	writes, err := record.Writes(all...)
	if err != nil {
		return SCIMUser{}, err
	}
	if len(writes)+len(beside) > table.TransactionItems {
		if err := s.records.ApplyApart(ctx, e.Apart); err != nil {
			return SCIMUser{}, err
		}
		all = changes
	}
	if err := s.records.ApplyWith(ctx, all, beside...); err != nil {
		return SCIMUser{}, err
	}
	return e.result(), nil
}

// result is what was written.
func (e *scimEdit) result() SCIMUser {
	u := SCIMUser{Tenant: e.tenant, Identity: *e.identity.Next, User: *e.User.Next}
	version := int64(1)
	if e.User.Was != nil {
		version = e.User.Was.Version()
		if !e.User.Change(record.UserRecord).Empty() {
			version++
		}
	}
	u.Version = scimVersion(&u.Identity, version)
	return u
}
