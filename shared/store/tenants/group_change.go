package tenants

import (
	"context"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/audit"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// SCIMGroupChange is one evaluated change of a group; nil leaves as it is. First all members go if Clear, then those of
// Remove, then those of Add come.
type SCIMGroupChange struct {
	DisplayName, ExternalID *string
	Clear                   bool
	Remove, Add             []string // external UIDs
}

// members reports whether the change says anything of members.
func (c *SCIMGroupChange) members() bool { return c.Clear || len(c.Remove) > 0 || len(c.Add) > 0 }

// ChangeSCIMGroup changes a group as LoadSCIMGroup returned it, and its members: in one transaction when they are few, else the
// rest of them one by one; cut off, the same request again does the rest. It returns the group without members. A new name costs
// a look at every member.
//
// ErrConflict when the group was changed since it was loaded, or is before all members are done; ErrNotFound when it is being
// deleted; ErrSCIMTaken when the name is another's; a *SCIMUnknownMembersError when members of Add are not there. Unknown ones of
// Remove are no members.
func (s *Tenants) ChangeSCIMGroup(ctx context.Context, a SCIMAccess, g SCIMGroup, c SCIMGroupChange) (SCIMGroup, error) {
	stored, err := g.stored()
	if err != nil {
		return SCIMGroup{}, err
	}
	joining, err := s.joining(ctx, g.Tenant, c.Add)
	if err != nil {
		return SCIMGroup{}, err
	}
	leaving, err := s.leaving(ctx, &g, c)
	if err != nil {
		return SCIMGroup{}, err
	}
	next := changedGroup(stored, c)
	if !c.members() && *next == *stored && !stored.Renaming {
		return g, nil
	}
	at := s.db.Now().UTC()
	next.UpdatedAt = &at
	event := a.audits(&g.Tenant, at, SCIMGroupChanged)
	event.Before = audit.JSON(groupState(stored, SCIMState{Left: c.Remove, AllLeft: c.Clear}))
	event.After = audit.JSON(groupState(next, SCIMState{Joined: c.Add}))
	g, err = s.changeWithMembers(ctx, g, next, append(without(leaving, joining), joining...), event)
	if err != nil || !next.Renaming {
		return g, err
	}
	return s.renameMembers(ctx, g, next)
}

// changeWithMembers writes a group and lets its members in and out, the first of them in the same transaction.
func (s *Tenants) changeWithMembers(
	ctx context.Context, g SCIMGroup, next *gitlab.SCIMGroup, members []membership, event audit.AuditedChange,
) (SCIMGroup, error) {
	group := record.Change{Old: g.record, New: record.SCIMGroupRecord(next).AtVersion(g.record.Version() + 1)}
	g, err := groupOf(g.Tenant, group.New)
	if err != nil {
		return SCIMGroup{}, err
	}
	first := min(len(members), joinedAtOnce)
	sets, _, err := s.memberSets(ctx, &g, members[:first])
	if err != nil {
		return SCIMGroup{}, err
	}
	err = s.audits.ApplyAudited(ctx, event, append([]record.Change{group}, slices.Concat(sets...)...)...)
	switch {
	case taken(err):
		return SCIMGroup{}, ErrSCIMTaken
	case err != nil:
		return SCIMGroup{}, err
	}
	return g, s.setMembers(ctx, &g, members[first:])
}

// stored is the record of a group that can be changed.
func (g *SCIMGroup) stored() (*gitlab.SCIMGroup, error) {
	if g.record == nil {
		return nil, record.ErrSCIMRecords
	}
	stored, ok := g.record.Value().(*gitlab.SCIMGroup)
	switch {
	case !ok:
		return nil, record.ErrSCIMRecords
	case g.record.Removing():
		return nil, table.ErrNotFound
	}
	return stored, nil
}

// changedGroup is the group after a change.
func changedGroup(stored *gitlab.SCIMGroup, c SCIMGroupChange) *gitlab.SCIMGroup {
	next := *stored
	if c.ExternalID != nil {
		next.ExternalID = *c.ExternalID
	}
	if c.DisplayName != nil && *c.DisplayName != stored.DisplayName {
		next.DisplayName, next.Renaming = *c.DisplayName, true
	}
	return &next
}

// groupState adds to a state what it is the state of.
func groupState(g *gitlab.SCIMGroup, state SCIMState) SCIMState {
	state.GroupID, state.DisplayName, state.ExternalID = g.ID, g.DisplayName, g.ExternalID
	return state
}

// joining reads who is to become a member.
func (s *Tenants) joining(ctx context.Context, t SCIMTenant, uids []string) ([]membership, error) {
	identities, unknown, err := s.identitiesOf(ctx, t.name(), uids)
	switch {
	case err != nil:
		return nil, err
	case len(unknown) > 0:
		return nil, &SCIMUnknownMembersError{UIDs: unknown}
	}
	members := make([]membership, len(identities))
	for i := range identities {
		members[i] = membership{identity: identities[i], in: true}
	}
	return members, nil
}

// leaving reads who is to be a member no longer.
func (s *Tenants) leaving(ctx context.Context, g *SCIMGroup, c SCIMGroupChange) ([]membership, error) {
	if c.Clear {
		return s.allMembers(ctx, g.number())
	}
	identities, _, err := s.identitiesOf(ctx, g.Tenant.name(), c.Remove)
	members := make([]membership, len(identities))
	for i := range identities {
		members[i] = membership{identity: identities[i]}
	}
	return members, err
}

// allMembers reads the members of a group, as those who leave it.
func (s *Tenants) allMembers(ctx context.Context, group gitlab.ID) ([]membership, error) {
	var members []membership
	list := scimkeys.GroupMember(group, 0)
	err := s.db.Query(ctx, list.PK, table.Kind(list.SK)+"#", func(item table.Item) error {
		members = append(members, leaver(item))
		return nil
	})
	return members, err
}

// leaver is the member of an item, who leaves.
func leaver(item table.Item) membership {
	return membership{identity: gitlab.SCIMIdentity{UserID: table.Integer(item, "user_id"), ExternUID: table.Text(item, "extern_uid")}}
}

// without returns the members that are not among others.
func without(members, others []membership) []membership {
	staying := make(map[gitlab.ID]bool, len(others))
	for _, m := range others {
		staying[m.identity.UserID] = true
	}
	return slices.DeleteFunc(members, func(m membership) bool { return staying[m.identity.UserID] })
}

// renameMembers notes the group's new name with all members.
func (s *Tenants) renameMembers(ctx context.Context, g SCIMGroup, group *gitlab.SCIMGroup) (SCIMGroup, error) {
	members, err := s.allMembers(ctx, group.ID)
	if err != nil {
		return SCIMGroup{}, err
	}
	for i := range members {
		members[i].in = true
	}
	if err := s.setMembers(ctx, &g, members); err != nil {
		return SCIMGroup{}, err
	}
	next := *group
	next.Renaming = false
	return s.rewrite(ctx, g, &next)
}

// rewrite writes a group's record where only the service's own marks change.
func (s *Tenants) rewrite(ctx context.Context, g SCIMGroup, next *gitlab.SCIMGroup) (SCIMGroup, error) {
	r := record.SCIMGroupRecord(next)
	if err := s.records.Apply(ctx, record.Change{Old: g.record, New: r}); err != nil {
		return SCIMGroup{}, err
	}
	return groupOf(g.Tenant, r.AtVersion(g.record.Version()+1))
}

// DeleteSCIMGroup deletes a group as LoadSCIMGroup returned it: it is marked, so that nobody can join any more, then its
// members leave, then it goes. Cut off, it is still there to be deleted. ErrConflict when it was changed since it was loaded.
func (s *Tenants) DeleteSCIMGroup(ctx context.Context, a SCIMAccess, g SCIMGroup) error {
	if g.record == nil {
		return record.ErrSCIMRecords
	}
	stored, ok := g.record.Value().(*gitlab.SCIMGroup)
	if !ok {
		return record.ErrSCIMRecords
	}
	if err := s.records.MarkRemoving(ctx, g.record); err != nil {
		return err
	}
	for {
		items, err := s.records.ItemsBelow(ctx, scimkeys.GroupMember(stored.ID, 0).PK, g.record.Key())
		if err != nil {
			return err
		}
		if len(items) == 0 {
			break
		}
		members := make([]membership, len(items))
		for i, item := range items {
			members[i] = leaver(item)
		}
		if err := s.setMembers(ctx, &g, members); err != nil {
			return err
		}
	}
	event := a.audits(&g.Tenant, s.db.Now().UTC(), SCIMGroupDeleted)
	event.Before = audit.JSON(groupState(stored, SCIMState{AllLeft: true}))
	return s.audits.ApplyAudited(ctx, event, record.Change{Old: g.record})
}
