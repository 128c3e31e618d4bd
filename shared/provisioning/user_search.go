package provisioning

import (
	"context"
	"net/http"

	"postern/shared/scim"
	"postern/shared/store"
)

var searchUsers = task[foundUsers]{(*service).loadUsers, (*service).listUsers}

// foundUsers is what was found for a search: a page of all users, or those that the rest of the search is still to be applied
// to.
type foundUsers struct {
	search scim.Search
	rest   scim.Filter
	listed bool // the page is the answer
	page   store.SCIMUserPage
}

func (s *service) loadUsers(ctx context.Context, r *request) (foundUsers, error) {
	search, err := scim.ReadSearch(r.values, scim.Users)
	if err != nil {
		return foundUsers{}, s.judged(ctx, r, err)
	}
	return s.findUsers(ctx, r, search)
}

// findUsers asks for as little as the search allows: what an index leads to, or else a page, or else all that there is.
func (s *service) findUsers(ctx context.Context, r *request, search scim.Search) (foundUsers, error) {
	found := foundUsers{search: search}
	lookup, rest := scim.Plan(search.Filter, scim.Users)
	found.rest = rest
	var err error
	switch {
	case lookup != nil:
		found.page, err = s.store.FindSCIMUsers(ctx, r.access, userLookup(lookup))
	case search.Filter != nil || search.Sorted():
		found.page, err = s.store.WalkSCIMUsers(ctx, r.access)
	default:
		found.listed = true
		found.page, err = s.store.ListSCIMUsers(ctx, r.access, search.Start, search.Count)
	}
	return found, err
}

func userLookup(l *scim.Lookup) store.SCIMLookup {
	switch l.By {
	case scim.ByUserName:
		return store.SCIMLookup{UserName: l.Value}
	case scim.ByEmail:
		return store.SCIMLookup{Email: l.Value}
	}
	return store.SCIMLookup{UID: l.Value}
}

// listUsers answers a search for users (internal API, get a list of SCIM provisioned users).
func (s *service) listUsers(_ context.Context, r *request, found foundUsers) (reply, error) {
	resources := found.resources()
	if found.listed {
		return r.list(&found.search, found.page.Total, resources), nil
	}
	found.search.Sort(resources, scim.Users)
	return r.list(&found.search, len(resources), found.search.Page(resources)), nil
}

// resources are the users that match the search, as they were found.
func (f *foundUsers) resources() []scim.Resource {
	at := base(&f.page.Tenant)
	var resources []scim.Resource
	for i := range f.page.Users {
		resource := present(&f.page.Users[i]).Resource(at)
		if f.rest == nil || scim.Matches(f.rest, scim.Users, resource) {
			resources = append(resources, resource)
		}
	}
	return resources
}

// list answers with a page of resources.
func (r *request) list(search *scim.Search, total int, page []scim.Resource) reply {
	shaped := make([]scim.Resource, len(page))
	for i, resource := range page {
		shaped[i] = r.shape(search.Projection.Apply(resource))
	}
	return reply{status: http.StatusOK, body: search.List(total, shaped)}
}
