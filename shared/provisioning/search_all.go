package provisioning

import (
	"context"

	"postern/shared/scim"
)

var searchAll = task[foundAll]{(*service).loadAll, (*service).listAll}

// foundAll is what was found for a search over users and groups; nil is what the search cannot find.
type foundAll struct {
	search scim.Search
	users  *foundUsers
	groups *foundGroups
}

// loadAll searches the users and then the groups (RFC 7644 section 3.4.3). Without a filter and an order, a page is as much
// of either as lies on it.
func (s *service) loadAll(ctx context.Context, r *request) (foundAll, error) {
	search, err := scim.ReadSearch(r.values, scim.Users, scim.Groups)
	if err != nil {
		return foundAll{}, s.judged(ctx, r, err)
	}
	found := foundAll{search: search}
	if search.Filter == nil || scim.Check(search.Filter, scim.Users) == nil {
		users, err := s.findUsers(ctx, r, search)
		if err != nil {
			return foundAll{}, err
		}
		found.users = &users
	}
	if search.Filter == nil || scim.Check(search.Filter, scim.Groups) == nil {
		if found.users != nil && found.users.listed {
			search.Start, search.Count = behind(&search, found.users.page.Total, len(found.users.page.Users))
		}
		groups, err := s.findGroups(ctx, r, search)
		if err != nil {
			return foundAll{}, err
		}
		found.groups = &groups
	}
	return found, nil
}

// behind is the part of a page that is left for what comes after the first kind of resources.
func behind(search *scim.Search, total, shown int) (start, count int) {
	return max(1, search.Start-total), search.Count - shown
}

func (s *service) listAll(_ context.Context, r *request, found foundAll) (reply, error) {
	var resources []scim.Resource
	total, listed := 0, false
	if found.users != nil {
		resources = found.users.resources()
		total, listed = found.users.page.Total, found.users.listed
	}
	if found.groups != nil {
		resources = append(resources, found.groups.resources()...)
		total += found.groups.page.Total
	}
	if listed {
		return r.list(&found.search, total, resources), nil
	}
	found.search.Sort(resources, scim.Users, scim.Groups)
	return r.list(&found.search, len(resources), found.search.Page(resources)), nil
}
