package store

import (
	"context"
	"maps"
	"slices"

	"postern/shared/gitlab"
)

// edited is a record before and after a change; next nil is none.
type edited[T any] struct {
	was  *Record
	next *T
}

// begin lets next be a copy of what was.
func (e *edited[T]) begin() error {
	value, ok := e.was.value.(*T)
	if !ok {
		return errSCIMRecords
	}
	next := *value
	e.next = &next
	return nil
}

// change is what has to be written.
func (e *edited[T]) change(record func(*T) *Record) Change {
	c := Change{Old: e.was}
	if e.next != nil {
		c.New = record(e.next)
	}
	return c
}

// notes are the records that note the groups of an identity provider that a user is in: the user, and the membership in the
// tenant's group.
type notes struct {
	group  *gitlab.ID // the tenant's; nil for the instance
	user   edited[gitlab.User]
	member edited[gitlab.Member]
	apart  []Change // of further records, written before or together with the notes
}

// noted is the record that notes which groups of the identity provider the user is in. It must be as it was read, also where it
// is not written: who comes into a group looks whether the identity is active, and notes the group there.
func (n *notes) noted() []*Record {
	switch {
	case n.group == nil && n.user.was != nil:
		return []*Record{n.user.was}
	case n.group != nil && n.member.was != nil:
		return []*Record{n.member.was}
	}
	return nil
}

// notedGroups are the groups of the tenant's identity provider that the edited user is in.
func (n *notes) notedGroups() map[string]string {
	switch {
	case n.group == nil:
		return n.user.next.SCIMGroups
	case n.member.next != nil:
		return n.member.next.SCIMGroups
	}
	return nil
}

// groupMemberships reads the edited user's memberships in them.
func (s *Store) groupMemberships(ctx context.Context, n *notes) ([]*Record, error) {
	groups := n.notedGroups()
	keys := make([]Key, 0, len(groups))
	for id := range groups {
		if number, ok := gitlab.ParseID(id); ok {
			keys = append(keys, scimGroupMemberKey(number, n.user.next.ID))
		}
	}
	found, err := s.Records(ctx, keys)
	return slices.Collect(maps.Values(found)), err
}

// leaveGroups takes the edited user out of all of them.
func (s *Store) leaveGroups(ctx context.Context, n *notes) error {
	found, err := s.groupMemberships(ctx, n)
	for _, r := range found {
		n.apart = append(n.apart, Change{Old: r})
	}
	if n.group == nil {
		n.user.next.SCIMGroups = nil
	} else if n.member.next != nil {
		n.member.next.SCIMGroups = nil
	}
	return err
}

// identityRemoval returns the changes that remove an identity, and its user from the groups of its provider.
func (s *Store) identityRemoval(ctx context.Context, r *Record, i *gitlab.SCIMIdentity) ([]Change, error) {
	n, err := s.notesOf(ctx, i)
	only := Change{Old: r}
	if err != nil || !n.inGroups() {
		only.While = n.noted()
		return []Change{only}, err
	}
	left, err := s.unnote(ctx, n)
	return []Change{only, left}, err
}

// LeaveSCIMGroups takes an identity's user out of the groups of its provider, for when the identity becomes somebody else's. The
// memberships go at once; what is returned, if anything, is to be written with the identity, and takes back what they gave.
func (s *Store) LeaveSCIMGroups(ctx context.Context, i *gitlab.SCIMIdentity) ([]Change, error) {
	n, err := s.notesOf(ctx, i)
	if err != nil || !n.inGroups() {
		return nil, err
	}
	left, err := s.unnote(ctx, n)
	return []Change{left}, err
}

// inGroups reports whether the edited user is in groups that have to be left one by one: with a user all notes go.
func (n *notes) inGroups() bool {
	return len(n.notedGroups()) > 0 && n.user.was != nil && !n.user.was.removing
}

// unnote takes the edited user out of all groups, and returns the change that notes none of them any more. The memberships in them
// go before: cut off there, they are still noted, and the same again does the rest.
func (s *Store) unnote(ctx context.Context, n *notes) (Change, error) {
	if err := s.leaveGroups(ctx, n); err != nil {
		return Change{}, err
	}
	if err := s.applyApart(ctx, n.apart); err != nil {
		return Change{}, err
	}
	if n.group == nil {
		return n.user.change(UserRecord), nil
	}
	if n.member.next.AccessLevel == gitlab.NoAccess {
		n.member.next = nil
	}
	return n.member.change(MemberRecord), nil
}

// notesOf reads what notes the groups that an identity's user is in; the user may be gone.
func (s *Store) notesOf(ctx context.Context, i *gitlab.SCIMIdentity) (*notes, error) {
	n := &notes{group: i.NamespaceID}
	n.user.next = &gitlab.User{ID: i.UserID}
	user, member := userKey(i.UserID), Key{}
	keys := []Key{user}
	if i.NamespaceID != nil {
		member = namespaceMemberKey(*i.NamespaceID, i.UserID)
		keys = append(keys, member)
	}
	found, err := s.Records(ctx, keys)
	if err == nil && found[user] != nil {
		n.user.was = found[user]
		err = n.user.begin()
	}
	if err == nil && found[member] != nil {
		n.member.was = found[member]
		err = n.member.begin()
	}
	return n, err
}

// applyApart writes independent changes.
func (s *Store) applyApart(ctx context.Context, changes []Change) error {
	sets := make([][]Change, len(changes))
	for i, c := range changes {
		sets[i] = []Change{c}
	}
	return firstError(s.ApplyEach(ctx, sets))
}

// firstError returns the first error of a list, which may be nil.
func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
