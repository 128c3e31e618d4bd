package provisioning

import (
	"context"

	"postern/shared/scim"
	"postern/shared/store/tenants"
)

// source is where the resources of one kind are found.
type source interface {
	find(context.Context, *scim.Lookup) (page, error)
	list(ctx context.Context, start, count int) (page, error)
	walk(context.Context) (page, error)
}

// page is a part of a kind's resources.
type page struct {
	total     int // of what it is a part
	resources []scim.Resource
}

// source is where a search of one kind looks. Members of groups are loaded only where they are shown or asked about.
func (s *service) source(r *request, kind *scim.Schema, search *scim.Search) source {
	if kind == scim.Users {
		return &users{store: s.store, access: r.access}
	}
	asked := scim.FilterMembers(search.Filter)
	return &groups{store: s.store, access: r.access, members: tenants.SCIMMembers{
		All: asked.All || search.Projection.WantsMembers(), UIDs: asked.UIDs,
	}}
}

// users finds users.
type users struct {
	store  Store
	access tenants.SCIMAccess
}

func (u *users) find(ctx context.Context, l *scim.Lookup) (page, error) {
	lookup := tenants.SCIMLookup{}
	switch l.By {
	case scim.ByUserName:
		lookup.UserName = l.Value
	case scim.ByEmail:
		lookup.Email = l.Value
	default:
		lookup.UID = l.Value
	}
	return pageOfUsers(u.store.FindSCIMUsers(ctx, u.access, lookup))
}

func (u *users) list(ctx context.Context, start, count int) (page, error) {
	return pageOfUsers(u.store.ListSCIMUsers(ctx, u.access, start, count))
}

func (u *users) walk(ctx context.Context) (page, error) {
	return pageOfUsers(u.store.WalkSCIMUsers(ctx, u.access))
}

func pageOfUsers(found tenants.SCIMUserPage, err error) (page, error) {
	p := page{total: found.Total, resources: make([]scim.Resource, len(found.Users))}
	for i := range found.Users {
		p.resources[i] = present(&found.Users[i]).Resource(base(&found.Tenant))
	}
	return p, err
}

// groups finds groups.
type groups struct {
	store   Store
	access  tenants.SCIMAccess
	members tenants.SCIMMembers
}

func (g *groups) find(ctx context.Context, l *scim.Lookup) (page, error) {
	lookup := tenants.SCIMGroupLookup{}
	switch l.By {
	case scim.ByDisplayName:
		lookup.DisplayName = l.Value
	case scim.ByExternalID:
		lookup.ExternalID = l.Value
	default:
		lookup.ID = l.Value
	}
	return pageOfGroups(g.store.FindSCIMGroups(ctx, g.access, lookup, g.members))
}

func (g *groups) list(ctx context.Context, start, count int) (page, error) {
	return pageOfGroups(g.store.ListSCIMGroups(ctx, g.access, start, count, g.members))
}

func (g *groups) walk(ctx context.Context) (page, error) {
	return pageOfGroups(g.store.WalkSCIMGroups(ctx, g.access, g.members))
}

func pageOfGroups(found tenants.SCIMGroupPage, err error) (page, error) {
	p := page{total: found.Total, resources: make([]scim.Resource, len(found.Groups))}
	for i := range found.Groups {
		p.resources[i] = presentGroup(&found.Groups[i]).Resource(base(&found.Tenant))
	}
	return p, err
}
