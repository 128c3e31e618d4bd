package provisioning

import (
	"context"

	"postern/shared/scim"
)

var searchAll = task[foundAll]{(*service).loadAll, (*service).listAll}

// foundAll is what was found for a search over users and groups: of either kind that the search can find, the users first.
type foundAll struct {
	search scim.Search
	kinds  []found
}

// loadAll searches the users and then the groups (RFC 7644 section 3.4.3). Without a filter and an order, a page is as much
// of either as lies on it.
func (s *service) loadAll(ctx context.Context, r *request) (foundAll, error) {
	search, err := scim.ReadSearch(r.values, scim.Users, scim.Groups)
	if err != nil {
		return foundAll{}, s.judged(ctx, r, err)
	}
	all := foundAll{search: search}
	for _, kind := range []*scim.Schema{scim.Users, scim.Groups} {
		if search.Filter != nil && scim.Check(search.Filter, kind) != nil {
			continue
		}
		f, err := s.find(ctx, r, kind, search)
		if err != nil {
			return foundAll{}, err
		}
		all.kinds = append(all.kinds, f)
		search.Start, search.Count = behind(&search, &f.page)
	}
	return all, nil
}

// behind is the part of a page that is left for what comes after the first kind of resources.
func behind(search *scim.Search, first *page) (start, count int) {
	return max(1, search.Start-first.total), search.Count - len(first.resources)
}

func (s *service) listAll(_ context.Context, r *request, all foundAll) (reply, error) {
	var resources []scim.Resource
	total, listed := 0, false
	for i := range all.kinds {
		resources = append(resources, all.kinds[i].resources()...)
		total, listed = total+all.kinds[i].page.total, all.kinds[i].listed
	}
	if listed {
		return r.list(&all.search, total, resources), nil
	}
	all.search.Sort(resources, scim.Users, scim.Groups)
	return r.list(&all.search, len(resources), all.search.Page(resources)), nil
}
