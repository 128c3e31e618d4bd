package tenants

import (
	"context"
	"errors"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// SCIMChange is one evaluated change of an identity; nil leaves as it is.
type SCIMChange struct {
	Active    *bool
	ExternUID *string // not blank
}

// ChangeSCIMUser changes an identity as LoadSCIMUser returned it, in one transaction, and returns what is there then. A
// group's identity that is deactivated loses the membership in the group and in everything below it; the instance's has its
// account blocked. What is so already is not written.
//
// ErrConflict when it was changed since it was loaded; ErrNotFound when it is deleted and not brought back by Active;
// ErrSCIMTaken when the external UID is another's; ErrSCIMLastOwner; ErrSCIMBlocked.
func (s *Tenants) ChangeSCIMUser(ctx context.Context, a SCIMAccess, u SCIMUser, c SCIMChange) (SCIMUser, error) {
	if u.identity == nil {
		return SCIMUser{}, record.ErrSCIMRecords
	}
	in := c.Active != nil && *c.Active && (u.Identity.Deleted || !u.Active())
	out := c.Active != nil && !*c.Active && u.Active()
	renamed := c.ExternUID != nil && *c.ExternUID != u.Identity.ExternUID
	switch {
	case u.Identity.Deleted && !in:
		return SCIMUser{}, table.ErrNotFound
	case !in && !out && !renamed:
		return u, nil
	}
	e := s.editOf(a, &u)
	if err := s.move(ctx, e, in, out); err != nil {
		return SCIMUser{}, err
	}
	if renamed {
		e.identity.Next.ExternUID = *c.ExternUID
		if err := s.renameInGroups(ctx, e); err != nil {
			return SCIMUser{}, err
		}
	}
	changed, err := s.commit(ctx, e)
	var conflict *record.ConflictError
	if renamed && errors.As(err, &conflict) && conflict.Key == scimkeys.Identity(u.Tenant.name(), *c.ExternUID) {
		return SCIMUser{}, ErrSCIMTaken
	}
	return changed, err
}

// move puts into the edit whether the user comes in or goes out.
func (s *Tenants) move(ctx context.Context, e *scimEdit, in, out bool) error {
	switch {
	case in:
		e.event.Action = SCIMActivated
		if e.identity.Next.Deleted {
			e.identity.Next.Deleted, e.event.Action = false, SCIMRestored
		}
		return e.activate()
	case out:
		e.event.Action = SCIMDeactivated
		return s.expel(ctx, e)
	}
	e.event.Action = SCIMRenamed
	return nil
}

// DeleteSCIMUser deletes an identity as LoadSCIMUser returned it, in one transaction: as deactivating it, and the identity is
// remembered only so that the same user can come back. ErrConflict when it was changed since; ErrNotFound when it is
// deleted already; ErrSCIMLastOwner.
func (s *Tenants) DeleteSCIMUser(ctx context.Context, a SCIMAccess, u SCIMUser) error {
	switch {
	case u.identity == nil:
		return record.ErrSCIMRecords
	case u.Identity.Deleted:
		return table.ErrNotFound
	}
	e := s.editOf(a, &u)
	e.event.Action = SCIMDeleted
	if err := s.records.LeaveGroups(ctx, &e.Notes); err != nil {
		return err
	}
	if err := s.expel(ctx, e); err != nil {
		return err
	}
	e.identity.Next.Deleted = true
	_, err := s.commit(ctx, e)
	return err
}

// expel takes the user out: of the group with everything below it, or of the account.
func (s *Tenants) expel(ctx context.Context, e *scimEdit) error {
	if group := e.tenant.Group; group != nil {
		if err := s.keepOwner(ctx, e); err != nil {
			return err
		}
		below, err := s.membershipsBelow(ctx, group.ID, e.User.Next.ID)
		if err != nil {
			return err
		}
		for _, r := range below {
			e.Apart = append(e.Apart, record.Change{Old: r})
		}
	}
	e.suspend()
	return nil
}

// keepOwner makes sure that an owner who goes leaves another one, who may not go meanwhile.
func (s *Tenants) keepOwner(ctx context.Context, e *scimEdit) error {
	m := e.Member.Next
	if m == nil || m.Level(e.at) < gitlab.Owner {
		return nil
	}
	var others []gitlab.ID
	list := layout.OwnerKey(e.tenant.Group.ID, 0)
	err := s.db.Query(ctx, list.PK, "owner#", func(item table.Item) error {
		if id, ok := gitlab.ParseID(table.Rest(table.Text(item, "sk"))); ok && id != m.UserID {
			others = append(others, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for len(others) > 0 {
		n := min(len(others), table.BatchLimit/2)
		if e.owner, err = s.activeOwner(ctx, e, others[:n]); err != nil || e.owner != nil {
			return err
		}
		others = others[n:]
	}
	return ErrSCIMLastOwner
}

// activeOwner returns the membership of the first who can act as owner, nil when nobody can.
func (s *Tenants) activeOwner(ctx context.Context, e *scimEdit, users []gitlab.ID) (*record.Record, error) {
	keys := make([]table.Key, 0, 2*len(users))
	for _, id := range users {
		keys = append(keys, layout.NamespaceMemberKey(e.tenant.Group.ID, id), layout.UserKey(id))
	}
	found, err := s.records.Records(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, id := range users {
		membership, account := found[layout.NamespaceMemberKey(e.tenant.Group.ID, id)], found[layout.UserKey(id)]
		if membership == nil || account == nil || account.Removing() {
			continue
		}
		m, isMember := membership.Value().(*gitlab.Member)
		u, isUser := account.Value().(*gitlab.User)
		if isMember && isUser && u.Active() && m.Level(e.at) >= gitlab.Owner {
			return membership, nil
		}
	}
	return nil, nil
}

// membershipsBelow reads a user's memberships in the projects and groups below a group.
func (s *Tenants) membershipsBelow(ctx context.Context, group, user gitlab.ID) ([]*record.Record, error) {
	all, err := s.lookup.MembershipsOf(ctx, user)
	if err != nil {
		return nil, err
	}
	own := layout.NamespaceMemberKey(group, user)
	v := s.newView()
	var below []table.Key
	err = v.Resolve(ctx, func() bool {
		known := true
		below = below[:0]
		for _, k := range all {
			if k == own {
				continue
			}
			root, rootKnown := v.rootOf(k)
			if known = known && rootKnown; root == group {
				below = append(below, k)
			}
		}
		return known
	})
	if err != nil || len(below) == 0 {
		return nil, err
	}
	records := make([]*record.Record, 0, len(below))
	for _, k := range below {
		r, err := s.records.Stored(ctx, v.Item(k))
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

// rootOf evaluates the top-level namespace above a membership, 0 when the membership or what is above it is gone.
func (v *view) rootOf(membership table.Key) (gitlab.ID, bool) {
	m, known := lookup.Read[gitlab.Member](v.View, membership)
	if m == nil {
		return 0, known
	}
	id := m.NamespaceID
	if m.ProjectID != nil {
		project, known := lookup.Read[gitlab.Project](v.View, layout.ProjectKey(*m.ProjectID))
		if project == nil {
			return 0, known
		}
		v.WantNamespaces(lookup.ChainHint(v.Item(layout.ProjectKey(*m.ProjectID))))
		id = &project.NamespaceID
	}
	if id == nil {
		return 0, true
	}
	chain, known := v.Chain(*id)
	if root := chain.Root(); root != nil {
		return root.ID, true
	}
	return 0, known
}
