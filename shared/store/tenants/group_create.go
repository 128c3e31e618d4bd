package tenants

import (
	"context"
	"errors"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/audit"
	"postern/shared/store/layout"
	"postern/shared/store/record"
)

// NewSCIMGroup is a group that an identity provider creates.
type NewSCIMGroup struct {
	DisplayName string // not blank
	ExternalID  string
	Members     []string // external UIDs
}

// CreateSCIMGroup makes a group with its members, and returns it with them: in one transaction when they are few; else one that
// was cut off is finished by the same request.
//
// ErrSCIMTaken when the tenant has a group of that name, a *SCIMUnknownMembersError when members are not there, ErrConflict
// when the group or a member was changed meanwhile.
func (s *Tenants) CreateSCIMGroup(ctx context.Context, a SCIMAccess, n NewSCIMGroup) (SCIMGroup, error) {
	tenant, err := s.LoadSCIMTenant(ctx, a)
	if err != nil {
		return SCIMGroup{}, err
	}
	members, err := s.joining(ctx, tenant, n.Members)
	if err != nil {
		return SCIMGroup{}, err
	}
	g, err := s.beginGroup(ctx, a, tenant, n, members)
	if err != nil {
		return SCIMGroup{}, err
	}
	if g, err = s.fill(ctx, g, members); err != nil {
		return SCIMGroup{}, err
	}
	for _, m := range members {
		g.Members = append(g.Members, SCIMMember{UID: m.identity.ExternUID})
	}
	return g, nil
}

// beginGroup writes a group with the first of its members, or finds the one that the same request has begun.
func (s *Tenants) beginGroup(
	ctx context.Context, a SCIMAccess, t SCIMTenant, n NewSCIMGroup, members []membership,
) (SCIMGroup, error) {
	number, err := s.ids.take(ctx, s, layout.KindSCIMGroup)
	if err != nil {
		return SCIMGroup{}, err
	}
	at := s.db.Now().UTC()
	group := &gitlab.SCIMGroup{
		ID: record.FirstID + number, NamespaceID: t.namespaceID(), DisplayName: n.DisplayName, ExternalID: n.ExternalID,
		CreatedAt: &at, UpdatedAt: &at, Filling: len(members) > joinedAtOnce,
	}
	event := a.audits(&t, at, SCIMGroupCreated)
	event.After = audit.JSON(groupState(group, SCIMState{Joined: n.Members}))
	r := record.SCIMGroupRecord(group).AtVersion(1)
	g, err := groupOf(t, r)
	if err != nil {
		return SCIMGroup{}, err
	}
	sets, _, err := s.memberSets(ctx, &g, members[:min(len(members), joinedAtOnce)])
	if err != nil {
		return SCIMGroup{}, err
	}
	err = s.audits.ApplyAudited(ctx, event, append([]record.Change{{New: r}}, slices.Concat(sets...)...)...)
	if taken(err) {
		return s.begunGroup(ctx, a, n)
	}
	return g, err
}

// taken reports whether a transaction was refused because of a unique value that is another record's.
func taken(err error) bool {
	var conflict *record.ConflictError
	return errors.As(err, &conflict) && conflict.Reason == record.ConflictTaken
}

// begunGroup is the group of that name, if it is one whose creation was cut off.
func (s *Tenants) begunGroup(ctx context.Context, a SCIMAccess, n NewSCIMGroup) (SCIMGroup, error) {
	page, err := s.FindSCIMGroups(ctx, a, SCIMGroupLookup{DisplayName: n.DisplayName}, SCIMMembers{})
	if err != nil {
		return SCIMGroup{}, err
	}
	for _, g := range page.Groups {
		if stored, ok := g.record.Value().(*gitlab.SCIMGroup); ok && stored.Filling && stored.ExternalID == n.ExternalID {
			return g, nil
		}
	}
	return SCIMGroup{}, ErrSCIMTaken
}

// fill lets members into a group that was made with them, and says that they are all there.
func (s *Tenants) fill(ctx context.Context, g SCIMGroup, members []membership) (SCIMGroup, error) {
	stored, ok := g.record.Value().(*gitlab.SCIMGroup)
	switch {
	case !ok:
		return SCIMGroup{}, record.ErrSCIMRecords
	case !stored.Filling:
		return g, nil
	}
	if err := s.setMembers(ctx, &g, members); err != nil {
		return SCIMGroup{}, err
	}
	next := *stored
	next.Filling = false
	return s.rewrite(ctx, g, &next)
}
