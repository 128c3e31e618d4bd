package record

import (
	"context"
	"errors"
	"maps"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// Edited is a record before and after a change; next nil is none.
type Edited[T any] struct {
	Was  *Record
	Next *T
}

// Begin lets next be a copy of what was.
func (e *Edited[T]) Begin() error {
	value, ok := e.Was.value.(*T)
	if !ok {
		return ErrSCIMRecords
	}
	next := *value
	e.Next = &next
	return nil
}

// Change is what has to be written.
func (e *Edited[T]) Change(record func(*T) *Record) Change {
	c := Change{Old: e.Was}
	if e.Next != nil {
		c.New = record(e.Next)
	}
	return c
}

// Notes are the records that note the groups of an identity provider that a user is in: the user, and the membership in the
// tenant's group.
type Notes struct {
	Group  *gitlab.ID // the tenant's; nil for the instance
	User   Edited[gitlab.User]
	Member Edited[gitlab.Member]
	Apart  []Change // of further records, written before or together with the notes
}

// Noted is the record that notes which groups of the identity provider the user is in. It must be as it was read, also where it
// is not written: who comes into a group looks whether the identity is active, and notes the group there.
func (n *Notes) Noted() []*Record {
	switch {
	case n.Group == nil && n.User.Was != nil:
		return []*Record{n.User.Was}
	case n.Group != nil && n.Member.Was != nil:
		return []*Record{n.Member.Was}
	}
	return nil
}

// notedGroups are the groups of the tenant's identity provider that the edited user is in.
func (n *Notes) notedGroups() map[string]string {
	switch {
	case n.Group == nil:
		return n.User.Next.SCIMGroups
	case n.Member.Next != nil:
		return n.Member.Next.SCIMGroups
	}
	return nil
}

// GroupMemberships reads the edited user's memberships in them.
func (s *Directory) GroupMemberships(ctx context.Context, n *Notes) ([]*Record, error) {
	groups := n.notedGroups()
	keys := make([]table.Key, 0, len(groups))
	for id := range groups {
		if number, ok := gitlab.ParseID(id); ok {
			keys = append(keys, scimkeys.GroupMember(number, n.User.Next.ID))
		}
	}
	found, err := s.Records(ctx, keys)
	return slices.Collect(maps.Values(found)), err
}

// LeaveGroups takes the edited user out of all of them.
func (s *Directory) LeaveGroups(ctx context.Context, n *Notes) error {
	found, err := s.GroupMemberships(ctx, n)
	for _, r := range found {
		n.Apart = append(n.Apart, Change{Old: r})
	}
	if n.Group == nil {
		n.User.Next.SCIMGroups = nil
	} else if n.Member.Next != nil {
		n.Member.Next.SCIMGroups = nil
	}
	return err
}

// identityRemoval returns the changes that remove an identity, and its user from the groups of its provider.
func (s *Directory) identityRemoval(ctx context.Context, r *Record, i *gitlab.SCIMIdentity) ([]Change, error) {
	n, err := s.notesOf(ctx, i)
	only := Change{Old: r}
	if err != nil || !n.inGroups() {
		only.While = n.Noted()
		return []Change{only}, err
	}
	left, err := s.unnote(ctx, n)
	return []Change{only, left}, err
}

// LeaveSCIMGroups takes an identity's user out of the groups of its provider, for when the identity becomes somebody else's. The
// memberships go at once; what is returned, if anything, is to be written with the identity, and takes back what they gave.
func (s *Directory) LeaveSCIMGroups(ctx context.Context, i *gitlab.SCIMIdentity) ([]Change, error) {
	n, err := s.notesOf(ctx, i)
	if err != nil || !n.inGroups() {
		return nil, err
	}
	left, err := s.unnote(ctx, n)
	return []Change{left}, err
}

// inGroups reports whether the edited user is in groups that have to be left one by one: with a user all notes go.
func (n *Notes) inGroups() bool {
	return len(n.notedGroups()) > 0 && n.User.Was != nil && !n.User.Was.removing
}

// unnote takes the edited user out of all groups, and returns the change that notes none of them any more. The memberships in them
// go before: cut off there, they are still noted, and the same again does the rest.
func (s *Directory) unnote(ctx context.Context, n *Notes) (Change, error) {
	if err := s.LeaveGroups(ctx, n); err != nil {
		return Change{}, err
	}
	if err := s.ApplyApart(ctx, n.Apart); err != nil {
		return Change{}, err
	}
	if n.Group == nil {
		return n.User.Change(UserRecord), nil
	}
	if n.Member.Next.AccessLevel == gitlab.NoAccess {
		n.Member.Next = nil
	}
	return n.Member.Change(MemberRecord), nil
}

// notesOf reads what notes the groups that an identity's user is in; the user may be gone.
func (s *Directory) notesOf(ctx context.Context, i *gitlab.SCIMIdentity) (*Notes, error) {
	n := &Notes{Group: i.NamespaceID}
	n.User.Next = &gitlab.User{ID: i.UserID}
	user, member := layout.UserKey(i.UserID), table.Key{}
	keys := []table.Key{user}
	if i.NamespaceID != nil {
		member = layout.NamespaceMemberKey(*i.NamespaceID, i.UserID)
		keys = append(keys, member)
	}
	found, err := s.Records(ctx, keys)
	if err == nil && found[user] != nil {
		n.User.Was = found[user]
		err = n.User.Begin()
	}
	if err == nil && found[member] != nil {
		n.Member.Was = found[member]
		err = n.Member.Begin()
	}
	return n, err
}

// ApplyApart writes independent changes.
func (s *Directory) ApplyApart(ctx context.Context, changes []Change) error {
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

// ErrSCIMRecords says that items are not those of an identity and a user.
var ErrSCIMRecords = errors.New("store: SCIM: not an identity with its user")
