package provisioning

import (
	"context"
	"net/http"

	"postern/shared/scim"
)

var (
	searchUsers  = task[found]{(*service).loadUsers, (*service).listFound}
	searchGroups = task[found]{(*service).loadGroups, (*service).listFound}
)

// found is what was found for a search of one kind: a page of all resources, or those that the rest of the search is still to be
// applied to.
type found struct {
	kind   *scim.Schema
	search scim.Search
	rest   scim.Filter
	listed bool // the page is the answer
	page   page
}

// loadUsers and loadGroups search (internal API, get a list of SCIM provisioned users).
func (s *service) loadUsers(ctx context.Context, r *request) (found, error) {
	return s.search(ctx, r, scim.Users)
}

func (s *service) loadGroups(ctx context.Context, r *request) (found, error) {
	return s.search(ctx, r, scim.Groups)
}

func (s *service) search(ctx context.Context, r *request, kind *scim.Schema) (found, error) {
	search, err := scim.ReadSearch(r.values, kind)
	if err != nil {
		return found{}, s.judged(ctx, r, err)
	}
	return s.find(ctx, r, kind, search)
}

// find asks for as little as the search allows: what an index leads to, or else a page, or else all that there is.
func (s *service) find(ctx context.Context, r *request, kind *scim.Schema, search scim.Search) (found, error) {
	f := found{kind: kind, search: search}
	lookup, rest := scim.Plan(search.Filter, kind)
	f.rest = rest
	from := s.source(r, kind, &search)
	var err error
	switch {
	case lookup != nil:
		f.page, err = from.find(ctx, lookup)
	case search.Filter != nil || search.Sorted():
		f.page, err = from.walk(ctx)
	default:
		f.listed = true
		f.page, err = from.list(ctx, search.Start, search.Count)
	}
	return f, err
}

func (s *service) listFound(_ context.Context, r *request, f found) (reply, error) {
	resources := f.resources()
	if f.listed {
		return r.list(&f.search, f.page.total, resources), nil
	}
	f.search.Sort(resources, f.kind)
	return r.list(&f.search, len(resources), f.search.Page(resources)), nil
}

// resources are those that match the search, as they were found.
func (f *found) resources() []scim.Resource {
	if f.rest == nil {
		return f.page.resources
	}
	var matching []scim.Resource
	for _, resource := range f.page.resources {
		if scim.Matches(f.rest, f.kind, resource) {
			matching = append(matching, resource)
		}
	}
	return matching
}

// list answers with a page of resources.
func (r *request) list(search *scim.Search, total int, page []scim.Resource) reply {
	shaped := make([]scim.Resource, len(page))
	for i, resource := range page {
		shaped[i] = r.shape(search.Projection.Apply(resource))
	}
	return reply{status: http.StatusOK, body: search.List(total, shaped)}
}
