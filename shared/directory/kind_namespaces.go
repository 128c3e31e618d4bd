package directory

import (
	"context"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// namespaces are groups and personal namespaces. They are written level by level, so that what they lie in is there.
func namespaces() kind {
	return &records[record.PlacedNamespace]{
		array:    "namespaces",
		identity: []string{"id"},
		fresh: func(time.Time) record.PlacedNamespace {
			return record.PlacedNamespace{Namespace: gitlab.DefaultNamespace()}
		},
		record: record.NamespaceRecord,
		settle: settleNamespace,
		locate: locateNamespaces,
		extend: assignNamespaces,
	}
}

// settleNamespace judges what a namespace may be by its kind, and notes where it lies: whether that makes sense is judged
// when all namespaces of the document are known.
func settleNamespace(r *run, e *entry[record.PlacedNamespace]) {
	ns := e.next
	// As GitLab does: a group that nobody has named is called like its path.
	if ns.Name == "" {
		ns.Name = ns.Path
	}
	// A group has members and children, a personal namespace an owner: neither could be kept by the other.
	if e.old != nil && e.old.Kind != ns.Kind {
		e.wrong("kind", "can't be changed")
	}
	// One that is listed with the id it would be given is what an export of the directory has.
	if e.old == nil && ns.ID >= ownNamespaces && (ns.OwnerID == nil || ns.ID != ownNamespaces+*ns.OwnerID) {
		e.wrong("id", "ids from %d on are given out by the service", ownNamespaces)
	}
	switch ns.Kind {
	case gitlab.GroupNamespace:
		if ns.OwnerID != nil {
			e.wrong("owner_id", "is for personal namespaces only")
			ns.OwnerID = nil
		}
	case gitlab.UserNamespace:
		settlePersonal(e)
	}
	if !r.writing {
		n := nodeOf(&ns.Namespace)
		n.index = uint32(e.Index)
		// Users have been looked at before, and may have taken their namespace along to a new name.
		if path, ok := r.follows[ns.ID]; ok {
			n.path = path
		}
		r.tree.listed[ns.ID] = n
	}
}

// settlePersonal judges what only personal namespaces have.
func settlePersonal(e *entry[record.PlacedNamespace]) {
	ns := e.next
	switch {
	case ns.OwnerID == nil:
		e.wrong("owner_id", "is required for a personal namespace")
	case e.old != nil && e.old.OwnerID != nil && *e.old.OwnerID != *ns.OwnerID:
		e.wrong("owner_id", "can't be changed")
	}
	if ns.ParentID != nil {
		e.wrong("parent_id", "is for groups only")
	}
}

// locateNamespaces gives those that are new or have moved their place.
func locateNamespaces(ctx context.Context, r *run, entries []*entry[record.PlacedNamespace]) error {
	if !r.writing {
		return nil
	}
	for _, e := range entries {
		if e.old != nil && e.old.Path == e.next.Path && same(e.old.ParentID, e.next.ParentID) {
			continue
		}
		parent := gitlab.ID(0)
		if e.next.ParentID != nil {
			parent = *e.next.ParentID
		}
		// Only those that move are placed: what lies below one that moved is found through it, and stays as it is.
		chain, path, err := r.tree.place(ctx, parent, e.next.Path)
		if err != nil {
			return err
		}
		e.next.Place = e.next.Moved(chain, path)
		if e.old != nil && parent != 0 && !same(e.old.ParentID, e.next.ParentID) {
			if err := r.guard(ctx, e, parent); err != nil {
				return err
			}
		}
	}
	return nil
}

// guard makes sure that a group that moves does not end up below itself because somebody else moves another one at the
// same time: everything above its new place must stay as it is now.
func (r *run) guard(ctx context.Context, e *entry[record.PlacedNamespace], parent gitlab.ID) error {
	// Bounded, because a circle is just what it looks for.
	for range maxDepth {
		if parent == e.next.ID {
			e.wrong("parent_id", "leads back to the group itself")
			return nil
		}
		// Members of one transaction cannot be conditions of each other: the document's own tree has been checked instead.
		if n, ok := r.tree.listed[parent]; ok && r.linkedTogether(e.Index, n.index) {
			if parent = n.parent; parent == 0 {
				return nil
			}
			continue
		}
		key := layout.OwnKey(layout.KindNamespace, parent)
		found, err := r.store.Records(ctx, []table.Key{key})
		if err != nil || found[key] == nil {
			return err
		}
		e.while = append(e.while, found[key])
		above, ok := found[key].Value().(*record.PlacedNamespace)
		if !ok || above.ParentID == nil {
			return nil
		}
		parent = *above.ParentID
	}
	return nil
}

// linkedTogether reports whether two namespaces of the document are written in one transaction.
func (r *run) linkedTogether(a int, b uint32) bool {
	const namespaces = 1
	set := r.linked.of[spot{namespaces, uint32(a)}]
	return set != nil && set == r.linked.of[spot{namespaces, b}]
}

// assignNamespaces notes personal namespaces with their owners.
func assignNamespaces(ctx context.Context, r *run, entries []*entry[record.PlacedNamespace]) error {
	if !r.writing {
		return nil
	}
	var keys []table.Key
	for _, e := range entries {
		if e.next.OwnerID != nil {
			keys = append(keys, layout.OwnKey(layout.KindUser, *e.next.OwnerID))
		}
	}
	owners, err := r.store.Records(ctx, keys)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.next.OwnerID == nil {
			continue
		}
		owner := owners[layout.OwnKey(layout.KindUser, *e.next.OwnerID)]
		if owner == nil {
			continue // somebody has removed it meanwhile, which the write will find
		}
		if user, ok := owner.Value().(*gitlab.User); ok && user.NamespaceID != e.next.ID {
			with := *user
			with.NamespaceID = e.next.ID
			e.more = append(e.more, record.Change{Old: owner, New: record.UserRecord(&with)})
		}
	}
	return nil
}

// same reports whether two ids, or none, are equal.
func same(a, b *gitlab.ID) bool {
	return a == b || a != nil && b != nil && *a == *b
}
