package tenants

import (
	"context"
	"maps"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// noteKey is the record that notes which groups of an identity provider a user is in.
func (g *SCIMGroup) noteKey(user gitlab.ID) table.Key {
	if g.Tenant.Group == nil {
		return layout.UserKey(user)
	}
	return layout.NamespaceMemberKey(g.Tenant.Group.ID, user)
}

// noteChange notes a group with the user, or with the membership in the tenant's group, which may be there for this only; or
// no longer.
func (g *SCIMGroup) noteChange(was *record.Record, m membership) record.Change {
	c := record.Change{Old: was, New: was}
	if was == nil {
		if g.Tenant.Group != nil && m.in {
			c.New = record.MemberRecord(&gitlab.Member{
				UserID: m.identity.UserID, NamespaceID: g.Tenant.namespaceID(),
				SCIMGroups: g.noted(nil, true), SCIMInactive: !m.identity.Active,
			})
		}
		return c
	}
	switch v := was.Value().(type) {
	case *gitlab.User:
		next := *v
		next.SCIMGroups = g.noted(v.SCIMGroups, m.in)
		c.New = record.UserRecord(&next)
	case *gitlab.Member:
		next := *v
		if next.SCIMGroups = g.noted(v.SCIMGroups, m.in); m.in {
			next.SCIMInactive = !m.identity.Active
		}
		if c.New = record.MemberRecord(&next); next.AccessLevel == gitlab.NoAccess && len(next.SCIMGroups) == 0 {
			c.New = nil
		}
	}
	return c
}

// noted returns the groups that are noted with one more, or without it.
func (g *SCIMGroup) noted(groups map[string]string, in bool) map[string]string {
	next := maps.Clone(groups)
	if !in {
		delete(next, g.ID)
		return next
	}
	if next == nil {
		next = map[string]string{}
	}
	next[g.ID] = g.DisplayName
	return next
}

// unnoted are the checks that there is still no such record, of a user who has none before and after.
func (e *scimEdit) unnoted() []table.Write {
	if e.tenant.Group == nil || e.Member.Was != nil || e.Member.Next != nil {
		return nil
	}
	return []table.Write{{Key: layout.NamespaceMemberKey(e.tenant.Group.ID, e.identity.Next.UserID), If: table.Absent}}
}

// renameInGroups shows the edited identity under its new external UID among their members.
func (s *Tenants) renameInGroups(ctx context.Context, e *scimEdit) error {
	found, err := s.records.GroupMemberships(ctx, &e.Notes)
	for _, r := range found {
		if m, ok := r.Value().(*gitlab.SCIMGroupMember); ok {
			next := *m
			next.ExternUID = e.identity.Next.ExternUID
			e.Apart = append(e.Apart, record.Change{Old: r, New: record.SCIMGroupMemberRecord(&next)})
		}
	}
	return err
}
