package directory

import (
	"context"
	"sort"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// linkedSize bounds how many records may hand over unique values among each other: they are written in one
// transaction.
const linkedSize = 8

// linked are the sets of records that hand over unique values among each other.
//
// A swap of two usernames cannot be written one after the other: each name is taken until the other one is free. In one
// transaction both are free and taken at once, and a reader never finds a name without its owner.
type linked struct {
	sets  []*linkedSet
	of    map[spot]*linkedSet
	early map[table.Key]bool // removed before their turn, because somebody takes a value of theirs
}

// linkedSet is written in one transaction, when the first of its members has its turn.
type linkedSet struct {
	members  []spot
	released []table.Key // records that the document removes and whose values members take
	slot     int
}

// newLinked returns no sets.
func newLinked() linked {
	return linked{of: map[spot]*linkedSet{}, early: map[table.Key]bool{}}
}

// has reports whether a record is written with a set, and not with its array.
func (l *linked) has(s spot) bool { return l.of[s] != nil }

// removed reports whether a record that the document removes went before its turn; it is counted nevertheless.
func (l *linked) removed(k table.Key) bool { return l.early[k] }

// set returns the set of a record, a new one when it has none.
func (l *linked) set(s spot) *linkedSet {
	if l.of[s] == nil {
		set := &linkedSet{members: []spot{s}}
		l.of[s] = set
		l.sets = append(l.sets, set)
	}
	return l.of[s]
}

// join makes one set of two.
func (l *linked) join(a, b spot) {
	into, from := l.set(a), l.set(b)
	if into == from {
		return
	}
	for _, s := range from.members {
		l.of[s] = into
	}
	into.members = append(into.members, from.members...)
	into.released = append(into.released, from.released...)
	from.members = nil
}

// slotOf is when a kind has its turn; namespaces have one for each level.
// The gap of two is for levels 0 to maxDepth, and keeps the last one apart from the next kind.
func slotOf(kind uint8) int { return int(kind) * (maxDepth + 2) }

// slot is when a record has its turn.
func (r *run) slot(s spot) int {
	if r.kinds[s.kind].name() == "namespaces" {
		return slotOf(s.kind) + int(r.tree.depths[s.index])
	}
	return slotOf(s.kind)
}

// link looks at the unique values that records of the document take from others in the table: these must give them up
// in the document, or be removed by it.
func (r *run) link(ctx context.Context) error {
	for _, c := range r.taken {
		d := digestOf(c.holder.Own)
		// The holder is listed, so it gives the value up: had it kept it, that would have been a claim for a value twice.
		holder, ok := r.listed[d]
		if !ok {
			holder, ok = r.carried[d]
		}
		if ok {
			r.linked.join(c.by, holder)
			continue
		}
		gone, err := r.goes(ctx, c.holder.Own)
		if err != nil {
			return err
		}
		if gone {
			set := r.linked.set(c.by)
			set.released = append(set.released, c.holder.Own)
			continue
		}
		r.m.Add(r.place(c.by)+"."+fieldOf(c.by.kind, c.key, r), "has already been taken")
	}
	// Sets are planned once more below, which takes a document that is right so far.
	if !r.m.None() {
		return nil
	}
	return r.checkLinked(ctx)
}

// goes reports whether the document removes a record, or what the record cannot be without.
func (r *run) goes(ctx context.Context, k table.Key) (bool, error) {
	if _, ok := r.removed[digestOf(k)]; ok {
		return true, nil
	}
	found, err := r.store.Records(ctx, []table.Key{k})
	if err != nil || found[k] == nil {
		return false, err
	}
	for _, need := range needs(found[k].Value()) {
		if _, ok := r.removed[digestOf(need)]; ok {
			return true, nil
		}
	}
	return false, nil
}

// needs returns what a record that holds unique values goes with.
func needs(value any) []table.Key {
	var keys []table.Key
	add := func(kind string, id *gitlab.ID) {
		if id != nil {
			keys = append(keys, layout.OwnKey(kind, *id))
		}
	}
	switch v := value.(type) {
	case *gitlab.Key:
		if v.Type != gitlab.DeployKey {
			add(layout.KindUser, v.UserID)
		}
	case *record.PlacedNamespace:
		add(layout.KindUser, v.OwnerID)
		add(layout.KindNamespace, v.ParentID)
	case *record.PlacedProject:
		add(layout.KindNamespace, &v.NamespaceID)
	case *gitlab.PersonalAccessToken:
		add(layout.KindUser, &v.UserID)
	case *gitlab.AgentToken:
		add(layout.KindAgent, &v.AgentID)
	case *gitlab.SCIMToken:
		add(layout.KindNamespace, v.NamespaceID)
	case *gitlab.SCIMIdentity:
		add(layout.KindUser, &v.UserID)
		add(layout.KindNamespace, v.NamespaceID)
	}
	return keys
}

// checkLinked judges whether each set can be written in one transaction, and when.
func (r *run) checkLinked(ctx context.Context) error {
	for _, set := range r.linked.sets {
		if len(set.members) == 0 {
			continue
		}
		sort.Slice(set.members, func(i, j int) bool { return r.slot(set.members[i]) < r.slot(set.members[j]) })
		// The first member's turn is everybody's: a value must be free when the first one takes it.
		set.slot = r.slot(set.members[0])
		first := r.place(set.members[0])
		if len(set.members)+len(set.released) > linkedSize {
			r.m.Add(first, "hands over unique values among too many records at once (%d, maximum is %d)",
				len(set.members)+len(set.released), linkedSize)
			continue
		}
		for _, s := range set.members {
			if err := r.checkMember(ctx, set, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkMember refuses a member of a set that names records which are made only after the set has its turn.
func (r *run) checkMember(ctx context.Context, set *linkedSet, s spot) error {
	plans, err := r.planSpot(ctx, s, &document.Mistakes{})
	if err != nil {
		return err
	}
	for _, p := range plans {
		for _, ref := range p.refs {
			target, listed := r.listed[digestOf(ref.target())]
			if !listed || target == s || r.linked.of[target] == set || r.ready(target) <= set.slot {
				continue
			}
			if s.kind == 0 && ref.kind == layout.KindNamespace { // comes later by itself
				continue
			}
			r.m.Add(p.Place+"."+ref.place,
				"must not name %s, which is made by the same document, while another record takes a unique value of this one",
				r.place(target))
		}
	}
	return nil
}

// ready is when a record has been written.
func (r *run) ready(s spot) int {
	if set := r.linked.of[s]; set != nil {
		return set.slot
	}
	return r.slot(s)
}

// planSpot plans one record by its place in the document.
func (r *run) planSpot(ctx context.Context, s spot, m *document.Mistakes) (plans []*plan, err error) {
	k := r.kinds[s.kind]
	sec := r.doc.Section(k.name())
	err = r.doc.Each(ctx, sec, int(s.index), int(s.index)+1, 1, func(one []document.Raw) error {
		plans, err = k.plan(ctx, r, one, m)
		return err
	})
	return plans, err
}
