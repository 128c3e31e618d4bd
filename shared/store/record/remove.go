package record

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// removalRounds bounds how often a removal starts over because somebody else changed what it removes.
const removalRounds = 8

// Remove removes the record with this own item, and everything that hangs off it. It reports whether there was such
// a record.
//
// The record is first marked, so that nothing more can be hung onto it; then what hangs off it is removed, each
// dependent in a transaction of its own; the record itself goes last. A removal that was interrupted is finished by
// running it again.
func (s *Directory) Remove(ctx context.Context, k table.Key) (bool, error) {
	for range removalRounds {
		r, err := s.RecordAt(ctx, k)
		if err != nil || r == nil {
			return false, err
		}
		kept := Change{Old: r, New: r.withoutRole()}
		switch {
		// Anything but such a membership.
		case kept.New == nil:
			err = s.removeRecord(ctx, r)
		case kept.Empty():
			return false, nil
		default:
			err = s.Apply(ctx, kept)
		}
		if !errors.Is(err, table.ErrConflict) {
			return err == nil, err
		}
	}
	return false, fmt.Errorf("store: remove %s: %w", k, table.ErrConflict)
}

// withoutRole is a membership that stays for the groups of the identity provider which it notes; nil for anything else.
func (r *Record) withoutRole() *Record {
	m, ok := r.value.(*gitlab.Member)
	if !ok || len(m.SCIMGroups) == 0 {
		return nil
	}
	return MemberRecord(&gitlab.Member{
		UserID: m.UserID, NamespaceID: m.NamespaceID, SCIMGroups: m.SCIMGroups, SCIMInactive: m.SCIMInactive,
	})
}

// RecordAt reads one record, nil when there is none.
func (s *Directory) RecordAt(ctx context.Context, k table.Key) (*Record, error) {
	found, err := s.Records(ctx, []table.Key{k})
	if err != nil {
		return nil, err
	}
	return found[k], nil
}

// removeRecord removes a record as it was read. A conflict means that it has to be read again.
func (s *Directory) removeRecord(ctx context.Context, r *Record) error {
	if r.hasDependents() {
		if err := s.MarkRemoving(ctx, r); err != nil {
			return err
		}
		if err := s.removeDependents(ctx, r); err != nil {
			return err
		}
	}
	changes, err := s.removal(ctx, r)
	if err != nil {
		return err
	}
	return s.Apply(ctx, changes...)
}

// hasDependents reports whether other records can hang off one.
func (r *Record) hasDependents() bool {
	switch v := r.value.(type) {
	case *gitlab.User, *PlacedNamespace, *PlacedProject, *gitlab.Agent, *gitlab.SCIMGroup:
		return true
	case *gitlab.Key:
		return v.Type == gitlab.DeployKey
	}
	return false
}

// removal returns the changes that remove the record itself: a personal namespace also leaves its owner's record, and an
// identity the groups of its provider.
func (s *Directory) removal(ctx context.Context, r *Record) ([]Change, error) {
	changes := []Change{{Old: r}}
	if i, ok := r.value.(*gitlab.SCIMIdentity); ok {
		return s.identityRemoval(ctx, r, i)
	}
	ns, ok := r.value.(*PlacedNamespace)
	if !ok || ns.OwnerID == nil {
		return changes, nil
	}
	owner, err := s.RecordAt(ctx, layout.UserKey(*ns.OwnerID))
	if err != nil || owner == nil {
		return changes, err
	}
	if user, ok := owner.value.(*gitlab.User); ok && user.NamespaceID == ns.ID {
		without := *user
		without.NamespaceID = 0
		next := UserRecord(&without)
		next.removing = owner.removing
		changes = append(changes, Change{Old: owner, New: next})
	}
	return changes, nil
}

// MarkRemoving marks a record and moves its version.
func (s *Directory) MarkRemoving(ctx context.Context, r *Record) error {
	// By a removal that was cut off, which is finished now.
	if r.removing {
		return nil
	}
	op := Change{Old: r}.versionOnly()
	op.item = table.Item{layout.Removing: table.Bool(true)}
	if err := s.transact(ctx, []operation{op}); err != nil {
		return err
	}
	r.version++
	r.removing = true
	return nil
}

// removeDependents removes or detaches what hangs off a record until nothing is left.
func (s *Directory) removeDependents(ctx context.Context, r *Record) error {
	for _, partition := range r.partitions() {
		// Counted for each partition: a busy one must not use up the patience that the next one needs.
		conflicts := 0
		for {
			listed, err := s.ItemsBelow(ctx, partition, r.key)
			if err != nil {
				return err
			}
			if len(listed) == 0 {
				break
			}
			err = s.removeListed(ctx, r, listed)
			if errors.Is(err, table.ErrConflict) && conflicts < removalRounds {
				conflicts++
				continue
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// partitions returns where the record's dependents are listed.
func (r *Record) partitions() []string {
	switch v := r.value.(type) {
	case *PlacedNamespace:
		return []string{r.key.PK, scimkeys.Token(table.ID(v.ID)).PK}
	case *gitlab.SCIMGroup:
		return []string{scimkeys.GroupMember(v.ID, 0).PK}
	}
	if agent, ok := r.value.(*gitlab.Agent); ok {
		return []string{r.key.PK, layout.FindingKey(agent.ID, "").PK}
	}
	return []string{r.key.PK}
}

// ItemsBelow reads the first items of a partition, without the own item of the record that is being removed. A
// namespace's exclusion lies elsewhere and is listed as well.
func (s *Directory) ItemsBelow(ctx context.Context, partition string, own table.Key) ([]table.Item, error) {
	items, _, err := s.db.Page(ctx, table.Key{PK: partition}, "", table.BatchLimit)
	if err != nil {
		return nil, err
	}
	items = slices.DeleteFunc(items, func(item table.Item) bool { return table.KeyOf(item) == own })
	if own.SK != "namespace" || partition != own.PK {
		return items, nil
	}
	exclusion := layout.ExclusionKey(idOf(own))
	found, err := s.db.Get(ctx, []table.Key{exclusion})
	if err != nil || found[exclusion] == nil {
		return items, err
	}
	return append(items, found[exclusion]), nil
}

// removeListed removes or detaches the dependents that items list. An item that lists nothing is deleted itself.
func (s *Directory) removeListed(ctx context.Context, owner *Record, listed []table.Item) error {
	keys, stale, err := s.dependents(ctx, owner, listed)
	if err != nil {
		return err
	}
	found, err := s.Records(ctx, slices.Collect(maps.Values(keys)))
	if err != nil {
		return err
	}
	var sets [][]Change
	done := map[table.Key]bool{}
	for listing, k := range keys {
		r := found[k]
		switch {
		// What is listed is gone, or belongs to somebody else by now: only the listing is left.
		case r == nil || !slices.Contains(r.refs, owner.key):
			stale = append(stale, listing)
		case done[k]:
		// Some live on without the one that goes, as an agent does without its creator.
		case r.detached(owner.key) != nil:
			sets = append(sets, []Change{{Old: r, New: r.detached(owner.key)}})
		case r.hasDependents():
			if _, err := s.Remove(ctx, k); err != nil {
				return err
			}
		default:
			sets = append(sets, []Change{{Old: r}})
		}
		done[k] = true
	}
	if err := errors.Join(s.ApplyEach(ctx, sets)...); err != nil {
		return err
	}
	return s.deleteItems(ctx, stale)
}

// deleteItems deletes items that belong to no record any more.
func (s *Directory) deleteItems(ctx context.Context, keys []table.Key) error {
	for _, k := range keys {
		if err := s.db.Write(ctx, table.Write{Verb: table.Delete, Key: k}); err != nil {
			return err
		}
	}
	return nil
}

// idOf is the id in the key of a record's own item.
func idOf(own table.Key) gitlab.ID {
	id, _ := gitlab.ParseID(table.Rest(own.PK))
	return id
}
