package store

import (
	"context"
	"maps"
	"slices"

	"postern/shared/gitlab"
)

// noteKey is the record that notes which groups of an identity provider a user is in.
func (g *SCIMGroup) noteKey(user gitlab.ID) Key {
	if g.Tenant.Group == nil {
		return userKey(user)
	}
	return namespaceMemberKey(g.Tenant.Group.ID, user)
}

// noteChange notes a group with the user, or with the membership in the tenant's group, which may be there for this only; or
// no longer.
func (g *SCIMGroup) noteChange(was *Record, m membership) Change {
	c := Change{Old: was, New: was}
	if was == nil {
		if g.Tenant.Group != nil && m.in {
			c.New = MemberRecord(&gitlab.Member{
				UserID: m.identity.UserID, NamespaceID: g.Tenant.namespaceID(),
				SCIMGroups: g.noted(nil, true), SCIMInactive: !m.identity.Active,
			})
		}
		return c
	}
	switch v := was.value.(type) {
	case *gitlab.User:
		next := *v
		next.SCIMGroups = g.noted(v.SCIMGroups, m.in)
		c.New = UserRecord(&next)
	case *gitlab.Member:
		next := *v
		if next.SCIMGroups = g.noted(v.SCIMGroups, m.in); m.in {
			next.SCIMInactive = !m.identity.Active
		}
		if c.New = MemberRecord(&next); next.AccessLevel == gitlab.NoAccess && len(next.SCIMGroups) == 0 {
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

// noted is the record that notes which groups of the identity provider the user is in. It must be as it was read, also where it
// is not written: who comes into a group looks whether the identity is active, and notes the group there.
func (e *scimEdit) noted() []*Record {
	switch {
	case e.tenant.Group == nil && e.user.was != nil:
		return []*Record{e.user.was}
	case e.tenant.Group != nil && e.member.was != nil:
		return []*Record{e.member.was}
	}
	return nil
}

// unnoted are the checks that there is still no such record, of a user who has none before and after.
func (e *scimEdit) unnoted() []operation {
	if e.tenant.Group == nil || e.member.was != nil || e.member.next != nil {
		return nil
	}
	return []operation{{verb: check, key: namespaceMemberKey(e.tenant.Group.ID, e.identity.next.UserID), cond: absent}}
}

// notedGroups are the groups of the tenant's identity provider that the edited user is in.
func (e *scimEdit) notedGroups() map[string]string {
	switch {
	case e.tenant.Group == nil:
		return e.user.next.SCIMGroups
	case e.member.next != nil:
		return e.member.next.SCIMGroups
	}
	return nil
}

// groupMemberships reads the edited user's memberships in them.
func (s *Store) groupMemberships(ctx context.Context, e *scimEdit) ([]*Record, error) {
	groups := e.notedGroups()
	keys := make([]Key, 0, len(groups))
	for id := range groups {
		if number, ok := gitlab.ParseID(id); ok {
			keys = append(keys, scimGroupMemberKey(number, e.user.next.ID))
		}
	}
	found, err := s.Records(ctx, keys)
	return slices.Collect(maps.Values(found)), err
}

// leaveGroups takes the edited user out of all of them.
func (s *Store) leaveGroups(ctx context.Context, e *scimEdit) error {
	found, err := s.groupMemberships(ctx, e)
	for _, r := range found {
		e.apart = append(e.apart, Change{Old: r})
	}
	if e.tenant.Group == nil {
		e.user.next.SCIMGroups = nil
	} else if e.member.next != nil {
		e.member.next.SCIMGroups = nil
	}
	return err
}

// identityRemoval returns the changes that remove an identity, and its user from the groups of its provider.
func (s *Store) identityRemoval(ctx context.Context, r *Record, i *gitlab.SCIMIdentity) ([]Change, error) {
	e, err := s.notesOf(ctx, i)
	only := Change{Old: r}
	if err != nil || !e.inGroups() {
		only.While = e.noted()
		return []Change{only}, err
	}
	left, err := s.unnote(ctx, e)
	return []Change{only, left}, err
}

// LeaveSCIMGroups takes an identity's user out of the groups of its provider, for when the identity becomes somebody else's. The
// memberships go at once; what is returned, if anything, is to be written with the identity, and takes back what they gave.
func (s *Store) LeaveSCIMGroups(ctx context.Context, i *gitlab.SCIMIdentity) ([]Change, error) {
	e, err := s.notesOf(ctx, i)
	if err != nil || !e.inGroups() {
		return nil, err
	}
	left, err := s.unnote(ctx, e)
	return []Change{left}, err
}

// inGroups reports whether the edited user is in groups that have to be left one by one: with a user all notes go.
func (e *scimEdit) inGroups() bool {
	return len(e.notedGroups()) > 0 && e.user.was != nil && !e.user.was.removing
}

// unnote takes the edited user out of all groups, and returns the change that notes none of them any more. The memberships in them
// go before: cut off there, they are still noted, and the same again does the rest.
func (s *Store) unnote(ctx context.Context, e *scimEdit) (Change, error) {
	if err := s.leaveGroups(ctx, e); err != nil {
		return Change{}, err
	}
	if err := s.applyApart(ctx, e.apart); err != nil {
		return Change{}, err
	}
	if e.tenant.Group == nil {
		return e.user.change(UserRecord), nil
	}
	if e.member.next.AccessLevel == gitlab.NoAccess {
		e.member.next = nil
	}
	return e.member.change(MemberRecord), nil
}

// notesOf reads what notes the groups that an identity's user is in; the user may be gone.
func (s *Store) notesOf(ctx context.Context, i *gitlab.SCIMIdentity) (*scimEdit, error) {
	e := &scimEdit{}
	e.user.next = &gitlab.User{ID: i.UserID}
	user, member := userKey(i.UserID), Key{}
	keys := []Key{user}
	if i.NamespaceID != nil {
		e.tenant.Group = &gitlab.Namespace{ID: *i.NamespaceID}
		member = namespaceMemberKey(*i.NamespaceID, i.UserID)
		keys = append(keys, member)
	}
	found, err := s.Records(ctx, keys)
	if err == nil && found[user] != nil {
		e.user.was = found[user]
		err = e.user.begin()
	}
	if err == nil && found[member] != nil {
		e.member.was = found[member]
		err = e.member.begin()
	}
	return e, err
}

// renameInGroups shows the edited identity under its new external UID among their members.
func (s *Store) renameInGroups(ctx context.Context, e *scimEdit) error {
	found, err := s.groupMemberships(ctx, e)
	for _, r := range found {
		if m, ok := r.value.(*gitlab.SCIMGroupMember); ok {
			next := *m
			next.ExternUID = e.identity.next.ExternUID
			e.apart = append(e.apart, Change{Old: r, New: SCIMGroupMemberRecord(&next)})
		}
	}
	return err
}
