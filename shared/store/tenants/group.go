package tenants

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// SCIMMostMembers is how many members of groups are read for one request.
const SCIMMostMembers = 10_000

// SCIMGroup is a group of an identity provider. One that LoadSCIMGroup returned can be changed.
type SCIMGroup struct {
	Tenant                  SCIMTenant
	ID                      string // given out by the service, and never again
	DisplayName, ExternalID string
	CreatedAt, UpdatedAt    time.Time
	Version                 string       // another one after every change: letters and digits
	Members                 []SCIMMember // those that were asked for

	record *record.Record
}

// SCIMMember is a member of a group.
type SCIMMember struct {
	UID string
}

// SCIMMembers says which members are wanted along with a group: none, those of these external UIDs, or all.
type SCIMMembers struct {
	All  bool
	UIDs []string
}

// SCIMGroupPage is a part of a tenant's groups, in the order in which they were made.
type SCIMGroupPage struct {
	Tenant SCIMTenant
	Total  int // of what the page is a part
	Groups []SCIMGroup
}

// LoadSCIMGroup reads a group, in one call without members. ErrNotFound when there is none; ErrSCIMTooMany when all members
// are wanted and there are more than SCIMMostMembers.
func (s *Tenants) LoadSCIMGroup(ctx context.Context, a SCIMAccess, id string, m SCIMMembers) (SCIMGroup, error) {
	number, _ := gitlab.ParseID(id)
	var item table.Item
	tenant, err := s.admitted(ctx, a, func(v *view, tenant gitlab.ID) bool {
		var known bool
		item, known = v.Get(scimkeys.Group(tenantName(tenant), number))
		return known
	})
	switch {
	case err != nil:
		return SCIMGroup{}, err
	case item == nil:
		return SCIMGroup{}, table.ErrNotFound
	}
	g, err := s.group(ctx, tenant, item)
	if err != nil {
		return SCIMGroup{}, err
	}
	return g, s.readMembers(ctx, []*SCIMGroup{&g}, m)
}

// group builds a group of its item.
func (s *Tenants) group(ctx context.Context, t SCIMTenant, item table.Item) (SCIMGroup, error) {
	r, err := s.records.Stored(ctx, item)
	if err != nil {
		return SCIMGroup{}, err
	}
	return groupOf(t, r)
}

// groupOf shows what a group's record says.
func groupOf(t SCIMTenant, r *record.Record) (SCIMGroup, error) {
	stored, ok := r.Value().(*gitlab.SCIMGroup)
	if !ok {
		return SCIMGroup{}, record.ErrSCIMRecords
	}
	g := SCIMGroup{
		Tenant: t, ID: table.ID(stored.ID), DisplayName: stored.DisplayName, ExternalID: stored.ExternalID,
		Version: strconv.FormatInt(r.Version(), 36), record: r,
	}
	if stored.CreatedAt != nil && stored.UpdatedAt != nil {
		g.CreatedAt, g.UpdatedAt = *stored.CreatedAt, *stored.UpdatedAt
	}
	return g, nil
}

// number is the group's id.
func (g *SCIMGroup) number() gitlab.ID {
	id, _ := gitlab.ParseID(g.ID)
	return id
}

// readMembers reads the wanted members of groups.
func (s *Tenants) readMembers(ctx context.Context, groups []*SCIMGroup, m SCIMMembers) error {
	left := SCIMMostMembers
	for _, g := range groups {
		switch {
		case m.All:
			list := scimkeys.GroupMember(g.number(), 0)
			err := s.db.Query(ctx, list.PK, table.Kind(list.SK)+"#", func(item table.Item) error {
				if left--; left < 0 {
					return ErrSCIMTooMany
				}
				g.Members = append(g.Members, SCIMMember{UID: table.Text(item, "extern_uid")})
				return nil
			})
			if err != nil {
				return err
			}
		case len(m.UIDs) > 0:
			if err := s.readNamed(ctx, g, m.UIDs); err != nil {
				return err
			}
		}
	}
	return nil
}

// readNamed reads which of these are members.
func (s *Tenants) readNamed(ctx context.Context, g *SCIMGroup, uids []string) error {
	identities, _, err := s.identitiesOf(ctx, g.Tenant.name(), uids)
	if err != nil {
		return err
	}
	keys := make([]table.Key, 0, len(identities))
	for i := range identities {
		keys = append(keys, scimkeys.GroupMember(g.number(), identities[i].UserID))
	}
	found, err := s.db.Get(ctx, table.Distinct(keys))
	for _, k := range keys {
		if item := found[k]; item != nil {
			g.Members = append(g.Members, SCIMMember{UID: table.Text(item, "extern_uid")})
		}
	}
	return err
}

// SCIMGroupLookup asks for groups by one of these; exactly one is set.
type SCIMGroupLookup struct {
	ID          string
	DisplayName string // without regard to case
	ExternalID  string // exact; may be that of several
}

// FindSCIMGroups reads the groups that a lookup names: by id and name in two calls, by external id as WalkSCIMGroups.
func (s *Tenants) FindSCIMGroups(ctx context.Context, a SCIMAccess, l SCIMGroupLookup, m SCIMMembers) (SCIMGroupPage, error) {
	if l.ExternalID != "" {
		return s.walkGroups(ctx, a, m, func(g *SCIMGroup) bool { return g.ExternalID == l.ExternalID })
	}
	number, _ := gitlab.ParseID(l.ID)
	var item table.Item
	tenant, err := s.admitted(ctx, a, func(v *view, tenant gitlab.ID) bool {
		id, known := number, true
		if l.ID == "" && table.Nameable(l.DisplayName) {
			var lead *lookup.Target
			if lead, known = lookup.Read[lookup.Target](v.View, scimkeys.GroupName(tenantName(tenant), l.DisplayName)); lead != nil {
				id = lead.ID
			}
		}
		if item = nil; !known || id == 0 {
			return known
		}
		item, known = v.Get(scimkeys.Group(tenantName(tenant), id))
		return known
	})
	page := SCIMGroupPage{Tenant: tenant}
	if err != nil || item == nil {
		return page, err
	}
	g, err := s.group(ctx, tenant, item)
	if err != nil {
		return page, err
	}
	page.Total, page.Groups = 1, []SCIMGroup{g}
	return page, s.readMembers(ctx, []*SCIMGroup{&page.Groups[0]}, m)
}

// ListSCIMGroups reads groups from a position on, the first one's being 1, at most count. It reads all groups of the tenant
// to know their number, so it costs more the more there are; ErrSCIMTooMany when they are more than SCIMWalk.
func (s *Tenants) ListSCIMGroups(ctx context.Context, a SCIMAccess, start, count int, m SCIMMembers) (SCIMGroupPage, error) {
	page, err := s.walkGroups(ctx, a, SCIMMembers{}, func(*SCIMGroup) bool { return true })
	if err != nil {
		return page, err
	}
	from := min(max(start, 1)-1, len(page.Groups))
	page.Groups = page.Groups[from:min(from+max(count, 0), len(page.Groups))]
	return page, s.readMembers(ctx, pointers(page.Groups), m)
}

// WalkSCIMGroups reads all groups of a tenant. ErrSCIMTooMany when they are more than SCIMWalk, or the wanted members more
// than SCIMMostMembers.
func (s *Tenants) WalkSCIMGroups(ctx context.Context, a SCIMAccess, m SCIMMembers) (SCIMGroupPage, error) {
	return s.walkGroups(ctx, a, m, func(*SCIMGroup) bool { return true })
}

// walkGroups reads the groups that are wanted, with their members.
func (s *Tenants) walkGroups(
	ctx context.Context, a SCIMAccess, m SCIMMembers, wanted func(*SCIMGroup) bool,
) (SCIMGroupPage, error) {
	tenant, err := s.LoadSCIMTenant(ctx, a)
	page := SCIMGroupPage{Tenant: tenant}
	if err != nil {
		return page, err
	}
	seen := 0
	list := scimkeys.Group(tenant.name(), 0)
	err = s.db.Query(ctx, list.PK, table.Kind(list.SK)+"#", func(item table.Item) error {
		if seen++; seen > SCIMWalk {
			return ErrSCIMTooMany
		}
		g, err := s.group(ctx, tenant, item)
		if err == nil && wanted(&g) {
			page.Groups = append(page.Groups, g)
		}
		return err
	})
	if err != nil {
		return page, err
	}
	page.Total = len(page.Groups)
	return page, s.readMembers(ctx, pointers(page.Groups), m)
}

// pointers returns where the groups of a list are.
func pointers(groups []SCIMGroup) []*SCIMGroup {
	all := make([]*SCIMGroup, len(groups))
	for i := range groups {
		all[i] = &groups[i]
	}
	return all
}

// SCIMUnknownMembersError says who cannot be made a member: there are no such identities.
type SCIMUnknownMembersError struct {
	UIDs []string
}

// Error names them.
func (e *SCIMUnknownMembersError) Error() string {
	return fmt.Sprintf("store: SCIM: unknown members: %q", e.UIDs)
}
