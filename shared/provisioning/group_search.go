package provisioning

import (
	"context"

	"postern/shared/scim"
	"postern/shared/store"
)

var searchGroups = task[foundGroups]{(*service).loadGroups, (*service).listGroups}

// foundGroups is what was found for a search, as foundUsers.
type foundGroups struct {
	search scim.Search
	rest   scim.Filter
	listed bool
	page   store.SCIMGroupPage
}

func (s *service) loadGroups(ctx context.Context, r *request) (foundGroups, error) {
	search, err := scim.ReadSearch(r.values, scim.Groups)
	if err != nil {
		return foundGroups{}, s.judged(ctx, r, err)
	}
	return s.findGroups(ctx, r, search)
}

// findGroups asks for as little as the search allows. Members are loaded only where they are shown or asked about.
func (s *service) findGroups(ctx context.Context, r *request, search scim.Search) (foundGroups, error) {
	found := foundGroups{search: search}
	lookup, rest := scim.Plan(search.Filter, scim.Groups)
	found.rest = rest
	asked := scim.AsksMembers(search.Filter)
	members := store.SCIMMembers{All: asked.All || search.Projection.WantsMembers(), UIDs: asked.UIDs}
	var err error
	switch {
	case lookup != nil:
		found.page, err = s.store.FindSCIMGroups(ctx, r.access, groupLookup(lookup), members)
	case search.Filter != nil || search.Sorted():
		found.page, err = s.store.WalkSCIMGroups(ctx, r.access, members)
	default:
		found.listed = true
		found.page, err = s.store.ListSCIMGroups(ctx, r.access, search.Start, search.Count, members)
	}
	return found, err
}

func groupLookup(l *scim.Lookup) store.SCIMGroupLookup {
	switch l.By {
	case scim.ByDisplayName:
		return store.SCIMGroupLookup{DisplayName: l.Value}
	case scim.ByExternalID:
		return store.SCIMGroupLookup{ExternalID: l.Value}
	}
	return store.SCIMGroupLookup{ID: l.Value}
}

func (s *service) listGroups(_ context.Context, r *request, found foundGroups) (reply, error) {
	resources := found.resources()
	if found.listed {
		return r.list(&found.search, found.page.Total, resources), nil
	}
	found.search.Sort(resources, scim.Groups)
	return r.list(&found.search, len(resources), found.search.Page(resources)), nil
}

// resources are the groups that match the search, as they were found.
func (f *foundGroups) resources() []scim.Resource {
	at := base(&f.page.Tenant)
	var resources []scim.Resource
	for i := range f.page.Groups {
		resource := presentGroup(&f.page.Groups[i]).Resource(at)
		if f.rest == nil || scim.Matches(f.rest, scim.Groups, resource) {
			resources = append(resources, resource)
		}
	}
	return resources
}
