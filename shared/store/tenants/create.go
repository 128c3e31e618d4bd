package tenants

import (
	"context"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strconv"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// NewSCIMUser is what an identity provider says of a user it creates. ExternUID and Email are not blank, and Email has the
// form of an address.
type NewSCIMUser struct {
	ExternUID string
	Username  string // as it is there; ours is made of it
	Email     string
	Name      string
	Active    bool
}

// scimAttempts bounds how often a creation begins anew because somebody else took what it was to take.
const scimAttempts = 30

// errSCIMBusy says that others took every name, again and again.
var errSCIMBusy = errors.New("SCIM: others take the same values")

// SCIMNewcomer is a user to be created, and what there is of that user.
type SCIMNewcomer struct {
	NewSCIMUser
	Tenant SCIMTenant

	blocks   scimBlocks
	existing foundIdentity // with the external UID
	linked   foundIdentity // the user with the address, and the tenant's identity of that user
	username string        // that nobody has
	id       gitlab.ID     // of the new user
}

// LoadSCIMNewcomer reads what there is of a user whom an identity provider creates: in one call, or one more for every
// look-up that follows from what was found.
func (s *Tenants) LoadSCIMNewcomer(ctx context.Context, a SCIMAccess, n NewSCIMUser) (SCIMNewcomer, error) {
	return s.loadNewcomer(ctx, a, n, 1)
}

// loadNewcomer takes a username with a number from first on when the name itself is somebody else's.
func (s *Tenants) loadNewcomer(ctx context.Context, a SCIMAccess, n NewSCIMUser, first int) (SCIMNewcomer, error) {
	c := SCIMNewcomer{NewSCIMUser: n}
	tenant, err := s.admitted(ctx, a, func(v *view, tenant gitlab.ID) bool { return v.newcomer(&c, tenant, first) })
	c.Tenant = tenant
	return c, err
}

// CreateSCIMUser makes the identity of a newcomer, and the user it links where there is none yet, in one transaction (SCIM,
// create). An identity that is there already is returned as it is; one that is inactive or deleted comes back. A user who
// has confirmed the address is linked, and so is the one that a deleted identity of the tenant linked. When somebody else
// takes meanwhile what it was to take, it begins anew.
//
// ErrSCIMTaken when the user is linked to another identity of the tenant, or has not confirmed the address; ErrSCIMBlocked
// when the identity's user was blocked by somebody else.
func (s *Tenants) CreateSCIMUser(ctx context.Context, a SCIMAccess, n SCIMNewcomer) (SCIMUser, error) {
	taken := false
	for range scimAttempts {
		u, err := s.create(ctx, a, &n)
		var conflict *record.ConflictError
		switch {
		// Between two reads somebody else may have made the very same identity: what is taken is looked at again.
		case errors.Is(err, ErrSCIMTaken) && !taken:
			taken = true
		case !errors.As(err, &conflict):
			return u, err
		case conflict.Key == layout.UserKey(n.id):
			s.ids.skip(layout.KindUser)
		}
		//nolint:gosec // keeps those who take a name at the same time apart; nothing secret depends on it
		if n, err = s.loadNewcomer(ctx, a, n.NewSCIMUser, 1+mathrand.IntN(crowd)); err != nil {
			return SCIMUser{}, err
		}
	}
	return SCIMUser{}, &table.UnavailableError{Op: "TransactWriteItems", Err: errSCIMBusy}
}

// newcomer evaluates what there is of a newcomer: the identity, or else the user, or else a name for one.
func (v *view) newcomer(c *SCIMNewcomer, tenant gitlab.ID, first int) bool {
	counted, _ := v.store.hints.scimCounts.Get(tenant)
	blocks, blocksKnown := v.scimBlocks(tenant, max(counted-1, 0))
	existing, known := v.scimIdentity(tenant, c.ExternUID)
	c.blocks, c.existing, c.linked, c.username = blocks, existing, foundIdentity{}, ""
	if known && existing.identity != nil {
		return blocksKnown
	}
	linked, linkedKnown := v.addressee(tenant, c.Email)
	known = known && linkedKnown && blocksKnown
	if c.linked = linked; linked.user != nil {
		return known
	}
	username, usernameKnown := v.freeUsername(gitlab.CleanUsername(c.NewSCIMUser.Username), first)
	c.username = username
	return known && usernameKnown
}

// addressee evaluates the user with an address, and the identity of that user with the tenant.
func (v *view) addressee(tenant gitlab.ID, email string) (found foundIdentity, known bool) {
	lead, known := lookup.Read[lookup.Target](v.View, layout.EmailKey(email))
	if lead == nil {
		return found, known
	}
	found, known = v.linkedUser(tenant, lead.ID)
	held, heldKnown := v.Get(scimkeys.User(tenantName(tenant), lead.ID))
	if held == nil {
		return found, known && heldKnown
	}
	identity, identityKnown := v.Get(scimkeys.Identity(tenantName(tenant), table.Text(held, "extern_uid")))
	found.identity = identity
	return found, known && identityKnown
}

const (
	// usernamesAsked is how many names with numbers are looked at together.
	usernamesAsked = 20
	// crowd is among how many numbers those choose who lost a name to others.
	crowd = 1000
)

// freeUsername evaluates a username that neither a user nor a top-level namespace has: the name itself, or else with the
// lowest number that is free from first on.
func (v *view) freeUsername(name string, first int) (string, bool) {
	if free, known := v.usernameFree(name); free || !known {
		return name, known
	}
	for from := first; ; from += usernamesAsked {
		free, known := "", true
		for number := from; number < from+usernamesAsked; number++ {
			candidate := name + strconv.Itoa(number)
			isFree, candidateKnown := v.usernameFree(candidate)
			if known = known && candidateKnown; isFree && free == "" {
				free = candidate
			}
		}
		if !known || free != "" {
			return free, known
		}
	}
}

// usernameFree evaluates whether a name could be a new user's, whose personal namespace has it as path.
func (v *view) usernameFree(name string) (free, known bool) {
	user, userKnown := v.Get(layout.UsernameKey(name))
	namespace, namespaceKnown := v.Get(layout.ChildKey(0, name))
	return user == nil && namespace == nil && userKnown && namespaceKnown, userKnown && namespaceKnown
}

// create writes what was loaded: the identity comes back, or is linked, or gets a user.
func (s *Tenants) create(ctx context.Context, a SCIMAccess, c *SCIMNewcomer) (SCIMUser, error) {
	if c.existing.identity != nil {
		u, err := s.scimUser(ctx, c.Tenant, c.existing)
		if err != nil || (!u.Identity.Deleted && (u.Active() || !c.Active)) {
			return u, err
		}
		return s.restore(ctx, a, u, c.Active)
	}
	e := s.newEdit(a, c.Tenant)
	e.identity.Next = &gitlab.SCIMIdentity{
		NamespaceID: c.Tenant.namespaceID(), ExternUID: c.ExternUID, Active: true, CreatedAt: &e.at,
		Place: scimkeys.Place(c.blocks.next(), e.at, e.nonce),
	}
	var err error
	if c.linked.user != nil {
		err = s.link(ctx, e, c)
	} else {
		err = s.invite(ctx, e, c)
	}
	if err != nil {
		return SCIMUser{}, err
	}
	if c.Active {
		e.grant()
	} else {
		e.suspend()
	}
	return s.commit(ctx, e)
}

// restore brings a deleted or inactive identity back.
func (s *Tenants) restore(ctx context.Context, a SCIMAccess, u SCIMUser, active bool) (SCIMUser, error) {
	e := s.editOf(a, &u)
	e.identity.Next.Deleted = false
	e.event.Action = SCIMRestored
	if active {
		if err := e.activate(); err != nil {
			return SCIMUser{}, err
		}
	}
	return s.commit(ctx, e)
}

// link makes the edit link the user with the address.
func (s *Tenants) link(ctx context.Context, e *scimEdit, c *SCIMNewcomer) error {
	user, err := s.records.Stored(ctx, c.linked.user)
	if err != nil {
		return err
	}
	e.User.Was = user
	if err := e.User.Begin(); err != nil {
		return err
	}
	if c.linked.member != nil {
		if e.Member.Was, err = s.records.Stored(ctx, c.linked.member); err != nil {
			return err
		}
		if err := e.Member.Begin(); err != nil {
			return err
		}
	}
	e.identity.Next.UserID = e.User.Next.ID
	e.event.Action = SCIMLinked
	if c.linked.identity == nil {
		if e.User.Next.ConfirmedAt == nil || e.User.Next.UserType != gitlab.UserHuman {
			return ErrSCIMTaken
		}
		return nil
	}
	return s.succeed(ctx, e, c.linked.identity)
}

// succeed makes the new identity take the place of the tenant's deleted one of the same user.
func (s *Tenants) succeed(ctx context.Context, e *scimEdit, former table.Item) error {
	if !gone(former) {
		return ErrSCIMTaken
	}
	r, err := s.records.Stored(ctx, former)
	if err != nil {
		return err
	}
	e.more = append(e.more, record.Change{Old: r})
	if u := e.User.Next; u.SCIMBlocked {
		u.State, u.SCIMBlocked = gitlab.UserActive, false
	}
	return nil
}

// invite makes the edit make a user, whose address is confirmed where the group has shown that the domain is its own.
func (s *Tenants) invite(ctx context.Context, e *scimEdit, c *SCIMNewcomer) error {
	number, err := s.ids.take(ctx, s, layout.KindUser)
	if err != nil {
		return fmt.Errorf("id of a user: %w", err)
	}
	c.id = record.FirstID + number
	user := gitlab.DefaultUser()
	user.ID, user.Username, user.Name, user.Email = c.id, c.username, c.Name, c.Email
	user.ProvisionedByGroupID = c.Tenant.namespaceID()
	if group := c.Tenant.Group; group != nil && gitlab.EmailDomain(c.Email, group.VerifiedDomains) {
		user.ConfirmedAt = &e.at
	}
	namespace := record.PersonalNamespace(&user)
	user.NamespaceID = namespace.ID
	e.User.Next = &user
	e.identity.Next.UserID = user.ID
	e.more = append(e.more, record.Change{New: record.NamespaceRecord(namespace)})
	e.event.Action = SCIMCreated
	return nil
}
