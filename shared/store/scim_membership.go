package store

import (
	"context"
	"errors"
	"maps"
	"slices"

	"postern/shared/gitlab"
)

// joinedTogether is how many members of a group are looked at together.
const joinedTogether = 50

// membership is a user's part in a group of an identity provider: whether the user is to be a member.
type membership struct {
	identity gitlab.SCIMIdentity
	in       bool
}

// identitiesOf reads identities by external UID, each once. Those that are not there, or deleted, are returned apart.
func (s *Store) identitiesOf(
	ctx context.Context, tenant string, uids []string,
) (identities []gitlab.SCIMIdentity, unknown []string, err error) {
	keys := make([]Key, 0, len(uids))
	for _, uid := range uids {
		if nameable(uid) {
			keys = append(keys, scimIdentityKey(tenant, uid))
		}
	}
	keys = distinct(keys)
	found, err := s.batchGet(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	for _, uid := range uids {
		if item := found[scimIdentityKey(tenant, uid)]; item == nil || gone(item) {
			unknown = append(unknown, uid)
		}
	}
	for _, k := range keys {
		item := found[k]
		if item == nil || gone(item) {
			continue
		}
		var identity gitlab.SCIMIdentity
		if err := decode(item, &identity); err != nil {
			return nil, nil, err
		}
		identities = append(identities, identity)
	}
	return identities, unknown, nil
}

// setMembers lets users in and out of a group, each in one transaction with the note of the group that lies with the user's
// membership in the tenant's group, or with the user. ErrConflict when others keep changing the same ones.
func (s *Store) setMembers(ctx context.Context, group *gitlab.SCIMGroup, all []membership) error {
	for part := range slices.Chunk(all, joinedTogether) {
		if err := s.setSome(ctx, group, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) setSome(ctx context.Context, group *gitlab.SCIMGroup, some []membership) error {
	for attempt := range removalRounds {
		sets, of, err := s.memberSets(ctx, group, some)
		if err != nil {
			return err
		}
		var again []membership
		for i, err := range s.ApplyEach(ctx, sets) {
			switch {
			case errors.Is(err, ErrConflict):
				again = append(again, of[i])
			case err != nil:
				return err
			}
		}
		if some = again; len(some) == 0 {
			return nil
		}
		if err := backoff(ctx, attempt); err != nil {
			return &UnavailableError{Op: "TransactWriteItems", Err: err}
		}
	}
	return ErrConflict
}

// memberSets returns what has to be written for each of some members that are not as they are to be, and for whom.
func (s *Store) memberSets(
	ctx context.Context, group *gitlab.SCIMGroup, some []membership,
) (sets [][]Change, of []membership, err error) {
	keys := make([]Key, 0, 2*len(some))
	for _, m := range some {
		keys = append(keys, scimGroupMemberKey(group.ID, m.identity.UserID), noteKey(group, m.identity.UserID))
	}
	found, err := s.Records(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range some {
		set := []Change{
			memberChange(found[scimGroupMemberKey(group.ID, m.identity.UserID)], group, m),
			noteChange(found[noteKey(group, m.identity.UserID)], group, m),
		}
		if !set[0].Empty() || !set[1].Empty() {
			sets, of = append(sets, set), append(of, m)
		}
	}
	return sets, of, nil
}

// memberChange lets one user into a group, or out.
func memberChange(was *Record, group *gitlab.SCIMGroup, m membership) Change {
	if !m.in {
		return Change{Old: was}
	}
	return Change{Old: was, New: SCIMGroupMemberRecord(&gitlab.SCIMGroupMember{
		GroupID: group.ID, NamespaceID: group.NamespaceID, UserID: m.identity.UserID, ExternUID: m.identity.ExternUID,
	})}
}

// noteKey is the record that notes which groups of an identity provider a user is in.
func noteKey(group *gitlab.SCIMGroup, user gitlab.ID) Key {
	if group.NamespaceID == nil {
		return userKey(user)
	}
	return namespaceMemberKey(*group.NamespaceID, user)
}

// noteChange notes a group with the user, or with the membership in the tenant's group, which may be there for this only; or
// no longer.
func noteChange(was *Record, group *gitlab.SCIMGroup, m membership) Change {
	c := Change{Old: was, New: was}
	if was == nil {
		if group.NamespaceID != nil && m.in {
			c.New = MemberRecord(&gitlab.Member{
				UserID: m.identity.UserID, NamespaceID: group.NamespaceID,
				SCIMGroups: noted(nil, group, true), SCIMInactive: !m.identity.Active,
			})
		}
		return c
	}
	switch v := was.value.(type) {
	case *gitlab.User:
		next := *v
		next.SCIMGroups = noted(v.SCIMGroups, group, m.in)
		c.New = UserRecord(&next)
	case *gitlab.Member:
		next := *v
		next.SCIMGroups = noted(v.SCIMGroups, group, m.in)
		if c.New = MemberRecord(&next); next.AccessLevel == gitlab.NoAccess && len(next.SCIMGroups) == 0 {
			c.New = nil
		}
	}
	return c
}

// noted returns the groups that are noted with one more, or without it.
func noted(groups map[string]string, group *gitlab.SCIMGroup, in bool) map[string]string {
	next := maps.Clone(groups)
	if !in {
		delete(next, num(group.ID))
		return next
	}
	if next == nil {
		next = map[string]string{}
	}
	next[num(group.ID)] = group.DisplayName
	return next
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
