package provisioning

import (
	"context"
	"errors"
	"net/http"

	"postern/shared/scim"
	"postern/shared/store/tenants"
)

var (
	getGroup     = task[tenants.SCIMGroup]{(*service).loadGroup, (*service).getGroup}
	createGroup  = task[tenants.SCIMGroup]{(*service).provisionGroup, (*service).showNewGroup}
	replaceGroup = task[changingGroup]{(*service).loadReplacedGroup, (*service).changeGroup}
	patchGroup   = task[changingGroup]{(*service).loadPatchedGroup, (*service).changeGroup}
	deleteGroup  = task[tenants.SCIMGroup]{(*service).loadBareGroup, (*service).deleteGroup}
)

// changingGroup is a group with what is to be changed of it.
type changingGroup struct {
	group  tenants.SCIMGroup
	change scim.GroupChange
	shows  bool // the group is answered
}

// loadGroup loads a group with its members, unless the answer is to go without.
func (s *service) loadGroup(ctx context.Context, r *request) (tenants.SCIMGroup, error) {
	projection, err := scim.ReadProjection(r.values)
	if err != nil {
		return tenants.SCIMGroup{}, s.judged(ctx, r, err)
	}
	return s.store.LoadSCIMGroup(ctx, r.access, r.id, tenants.SCIMMembers{All: projection.WantsMembers()})
}

// loadBareGroup loads a group without its members.
func (s *service) loadBareGroup(ctx context.Context, r *request) (tenants.SCIMGroup, error) {
	return s.store.LoadSCIMGroup(ctx, r.access, r.id, tenants.SCIMMembers{})
}

func (s *service) getGroup(_ context.Context, r *request, g tenants.SCIMGroup) (reply, error) {
	if r.when.Known(g.Version) {
		return reply{status: http.StatusNotModified, version: scim.ETag(g.Version)}, nil
	}
	return r.showGroup(http.StatusOK, &g)
}

// showGroup answers with a group's resource.
func (r *request) showGroup(status int, g *tenants.SCIMGroup) (reply, error) {
	projection, err := scim.ReadProjection(r.values)
	if err != nil {
		return reply{}, err
	}
	at := base(&g.Tenant)
	return reply{
		status: status, resource: projection.Apply(presentGroup(g).Resource(at)), id: g.ID,
		location: scim.Location(at, scim.Groups, g.ID), version: scim.ETag(g.Version),
	}, nil
}

// presentGroup returns the group as the protocol has it.
func presentGroup(g *tenants.SCIMGroup) *scim.Group {
	members := make([]string, len(g.Members))
	for i := range g.Members {
		members[i] = g.Members[i].UID
	}
	return &scim.Group{
		ID: g.ID, ExternalID: g.ExternalID, DisplayName: g.DisplayName, Members: members,
		Created: g.CreatedAt, Modified: g.UpdatedAt, Version: g.Version,
	}
}

// provisionGroup makes a group, with its first members.
func (s *service) provisionGroup(ctx context.Context, r *request) (tenants.SCIMGroup, error) {
	given, err := scim.ReadNewGroup(r.values)
	if err == nil {
		_, err = scim.ReadProjection(r.values)
	}
	if err != nil {
		return tenants.SCIMGroup{}, s.judged(ctx, r, err)
	}
	return s.store.CreateSCIMGroup(ctx, r.access, tenants.NewSCIMGroup{
		DisplayName: given.DisplayName, ExternalID: given.ExternalID, Members: given.Members,
	})
}

func (s *service) showNewGroup(_ context.Context, r *request, g tenants.SCIMGroup) (reply, error) {
	return r.showGroup(http.StatusCreated, &g)
}

func (s *service) loadPatchedGroup(ctx context.Context, r *request) (changingGroup, error) {
	operations, err := scim.ReadOperations(r.values)
	if err != nil {
		return changingGroup{}, s.judged(ctx, r, err)
	}
	asked := scim.PatchMembers(operations)
	g, err := s.store.LoadSCIMGroup(ctx, r.access, r.id, tenants.SCIMMembers{All: asked.All})
	if err != nil {
		return changingGroup{}, err
	}
	change, err := scim.PatchGroup(operations, presentGroup(&g).Members)
	return changingGroup{group: g, change: change}, err
}

func (s *service) loadReplacedGroup(ctx context.Context, r *request) (changingGroup, error) {
	change, err := scim.ReplaceGroup(r.values)
	if err != nil {
		return changingGroup{}, s.judged(ctx, r, err)
	}
	g, err := s.loadBareGroup(ctx, r)
	return changingGroup{group: g, change: change, shows: true}, err
}

// changeGroup changes a group's names and members.
func (s *service) changeGroup(ctx context.Context, r *request, c changingGroup) (reply, error) {
	if !r.when.Changeable(c.group.Version) {
		return reply{}, errVersion
	}
	g, err := s.store.ChangeSCIMGroup(ctx, r.access, c.group, tenants.SCIMGroupChange{
		DisplayName: c.change.DisplayName, ExternalID: c.change.ExternalID,
		Clear: c.change.Clear, Remove: c.change.Remove, Add: c.change.Add,
	})
	if err != nil {
		return reply{}, err
	}
	if c.shows {
		return s.showChanged(ctx, r)
	}
	return reply{status: http.StatusNoContent, version: scim.ETag(g.Version)}, nil
}

// showChanged answers with the group as it is now: without its members if they are too many for an answer, because the change
// is done.
func (s *service) showChanged(ctx context.Context, r *request) (reply, error) {
	g, err := s.loadGroup(ctx, r)
	if errors.Is(err, tenants.ErrSCIMTooMany) {
		g, err = s.loadBareGroup(ctx, r)
	}
	if err != nil {
		return reply{}, err
	}
	return r.showGroup(http.StatusOK, &g)
}

// deleteGroup removes a group, and what its members have through it.
func (s *service) deleteGroup(ctx context.Context, r *request, g tenants.SCIMGroup) (reply, error) {
	if !r.when.Changeable(g.Version) {
		return reply{}, errVersion
	}
	if err := s.store.DeleteSCIMGroup(ctx, r.access, g); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}
