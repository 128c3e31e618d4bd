package tenants

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// SCIMWalk is how many identities or groups are read for a question that no index answers.
const SCIMWalk = 10_000

// SCIMUserPage is a part of a tenant's identities, in the order in which they were made; none of them is deleted.
type SCIMUserPage struct {
	Tenant SCIMTenant
	Total  int // of what the page is a part
	Users  []SCIMUser
}

// ListSCIMUsers reads identities from a position on, the first one's being 1, at most count (100). It costs three calls,
// wherever the page begins: token, tenant and counts, the list from the right block on, the users; and one more when the
// process has not seen the token before.
func (s *Tenants) ListSCIMUsers(ctx context.Context, a SCIMAccess, start, count int) (SCIMUserPage, error) {
	page, blocks, err := s.countedSCIM(ctx, a)
	if err != nil || count <= 0 || start > page.Total {
		return page, err
	}
	block, before := blocks.at(max(start, 1))
	limit := before + min(count, table.BatchLimit)
	tenant := page.Tenant.name()
	first, last := scimkeys.List(tenant, scimkeys.BlockStart(block)), scimkeys.List(tenant, scimkeys.ListEnd)
	var items []table.Item
	err = s.db.Between(ctx, first, last, limit, func(item table.Item) error {
		items = append(items, item)
		return nil
	})
	if err != nil {
		return page, err
	}
	page.Users, err = s.listedUsers(ctx, page.Tenant, items[min(before, len(items)):])
	return page, err
}

// WalkSCIMUsers reads all identities of a tenant, for a filter or an order that no index answers. ErrSCIMTooMany when it has
// more than SCIMWalk.
func (s *Tenants) WalkSCIMUsers(ctx context.Context, a SCIMAccess) (SCIMUserPage, error) {
	page, _, err := s.countedSCIM(ctx, a)
	switch {
	case err != nil:
		return page, err
	case page.Total > SCIMWalk:
		return page, ErrSCIMTooMany
	}
	var items []table.Item
	list := scimkeys.List(page.Tenant.name(), "")
	err = s.db.Query(ctx, list.PK, list.SK, func(item table.Item) error {
		items = append(items, item)
		return nil
	})
	if err != nil {
		return page, err
	}
	page.Users, err = s.listedUsers(ctx, page.Tenant, items)
	page.Total = len(page.Users)
	return page, err
}

// countedSCIM reads how many identities a tenant has.
func (s *Tenants) countedSCIM(ctx context.Context, a SCIMAccess) (SCIMUserPage, scimBlocks, error) {
	var blocks scimBlocks
	tenant, err := s.admitted(ctx, a, func(v *view, tenant gitlab.ID) bool {
		var known bool
		blocks, known = v.scimBlocks(tenant, 0)
		return known
	})
	return SCIMUserPage{Tenant: tenant, Total: blocks.total()}, blocks, err
}

// usersAtOnce is how many calls for users are made at the same time.
const usersAtOnce = 4

// listedUsers reads the users of identities. One whose user was removed meanwhile is left out.
func (s *Tenants) listedUsers(ctx context.Context, t SCIMTenant, items []table.Item) ([]SCIMUser, error) {
	users := make([]SCIMUser, len(items))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(usersAtOnce)
	for start := 0; start < len(items); start += table.BatchLimit {
		end := min(start+table.BatchLimit, len(items))
		g.Go(func() error { return s.readUsers(ctx, t, items[start:end], users[start:end]) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(users, func(u SCIMUser) bool { return u.User.ID == 0 }), nil
}

// readUsers reads the users of up to batchLimit identities, each into its place.
func (s *Tenants) readUsers(ctx context.Context, t SCIMTenant, items []table.Item, into []SCIMUser) error {
	keys := make([]table.Key, len(items))
	for i, item := range items {
		into[i].Tenant = t
		if err := table.Decode(item, &into[i].Identity); err != nil {
			return err
		}
		keys[i] = layout.UserKey(into[i].Identity.UserID)
	}
	found, err := s.db.Get(ctx, table.Distinct(keys))
	if err != nil {
		return err
	}
	for i := range into {
		item := found[keys[i]]
		if _, removing := item[layout.Removing]; item == nil || removing {
			continue
		}
		if err := table.Decode(item, &into[i].User); err != nil {
			return err
		}
		into[i].Version = scimVersion(&into[i].Identity, table.Integer(item, "v"))
	}
	return nil
}
