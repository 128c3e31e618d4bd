package directory

import (
	"context"
	"errors"
	"fmt"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store/record"
	"postern/shared/table"
)

// writeLinked writes the sets whose turn it is.
func (r *run) writeLinked(ctx context.Context, slot int) error {
	for _, set := range r.linked.sets {
		if len(set.members) == 0 || set.slot != slot {
			continue
		}
		for attempt := 1; ; attempt++ {
			err := r.writeSet(ctx, set)
			if err == nil {
				break
			}
			if !errors.Is(err, table.ErrConflict) || attempt == tries {
				return fmt.Errorf("directory: %s: %w", r.place(set.members[0]), err)
			}
			if err := pause(ctx, attempt); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeSet writes the members of a set, and what is released for them, in one transaction: a unique value always has
// one holder.
func (r *run) writeSet(ctx context.Context, set *linkedSet) error {
	changes, err := r.release(ctx, set.released)
	if err != nil {
		return err
	}
	var all []*plan
	// Planned anew, as in every attempt: after a conflict the stored state is another one.
	for _, s := range set.members {
		plans, err := r.planSpot(ctx, s, &document.Mistakes{})
		if err != nil {
			return err
		}
		for _, p := range plans {
			changes = append(changes, p.changes...)
			all = append(all, p)
		}
	}
	if err := r.store.Apply(ctx, changes...); err != nil {
		return err
	}
	for i, p := range all {
		r.tally.add(r.kinds[set.members[i].kind].name(), p.outcome())
	}
	return nil
}

// release makes records that the document removes give up their unique values. Most are removed at once. Users,
// namespaces and projects keep what hangs off them until their turn comes, under a name that says so.
func (r *run) release(ctx context.Context, keys []table.Key) ([]record.Change, error) {
	found, err := r.store.Records(ctx, keys)
	if err != nil {
		return nil, err
	}
	var changes []record.Change
	seen := map[table.Key]bool{}
	for _, k := range keys {
		rec := found[k]
		// One record may hold several values that are taken, a username and an address for one.
		if rec == nil || seen[k] {
			continue
		}
		seen[k] = true
		if next := leaving(rec.Value()); next != nil {
			changes = append(changes, record.Change{Old: rec, New: next})
			continue
		}
		if _, err := r.store.Remove(ctx, k); err != nil {
			return nil, err
		}
		// Noted, because its turn in "remove" will find nothing, and it is to be counted there.
		r.linked.early[k] = true
	}
	return changes, nil
}

// leaving returns a record that is about to be removed under names that nobody wants, nil when it can go at once.
//
// To remove a user takes many transactions, and the name would be nobody's until the last one: renamed, it changes hands
// in the transaction that the new owner is written with.
func leaving(value any) *record.Record {
	switch v := value.(type) {
	case *gitlab.User:
		user := *v
		user.Username = fmt.Sprintf("removed-user-%d", v.ID)
		user.Email = user.Username + "@removed.invalid"
		// There may be one ghost only, so being it is a unique value, too.
		user.UserType = gitlab.UserHuman
		return record.UserRecord(&user)
	case *record.PlacedNamespace:
		ns := *v
		ns.Path = fmt.Sprintf("removed-namespace-%d", v.ID)
		return record.NamespaceRecord(&ns)
	case *record.PlacedProject:
		project := *v
		project.Path = fmt.Sprintf("removed-project-%d", v.ID)
		return record.ProjectRecord(&project)
	}
	return nil
}
