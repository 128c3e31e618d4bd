package directory

import (
	"context"
	"slices"

	"postern/shared/directory/document"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// portionSize is how many records are looked at together.
const portionSize = 100

// pendingReference names a record that the document may yet list.
//
// References may lead forwards: a document is in whatever order its author likes.
type pendingReference struct {
	from spot
	ref  reference
}

// check judges the whole document and writes nothing. Mistakes go into r.m.
func (r *run) check(ctx context.Context) error {
	// What goes and who lists a personal namespace is asked of every record, so it is known before the first one is read.
	if err := r.readRemovals(ctx); err != nil {
		return err
	}
	if err := r.listOwners(ctx); err != nil {
		return err
	}
	if err := r.checkInstallation(ctx); err != nil {
		return err
	}
	for i, k := range r.kinds {
		sec := r.doc.Section(k.name())
		err := r.doc.Each(ctx, sec, 0, len(sec.Starts), portionSize, func(portion []document.Raw) error {
			return r.checkPortion(ctx, uint8(i), portion)
		})
		if err != nil {
			return err
		}
	}
	// From here on every record has been seen: what depended on a later one can be judged.
	if err := r.tree.check(ctx, r); err != nil {
		return err
	}
	if err := r.checkPending(ctx); err != nil {
		return err
	}
	return r.link(ctx)
}

// readRemovals notes what the document removes.
func (r *run) readRemovals(ctx context.Context) error {
	for i, k := range r.kinds {
		sec := r.doc.Section("remove." + k.name())
		err := r.doc.Each(ctx, sec, 0, len(sec.Starts), portionSize, func(portion []document.Raw) error {
			for _, rec := range portion {
				if key, ok := k.identify(rec, &r.m); ok {
					r.removed[digestOf(key)] = spot{uint8(i), uint32(rec.Index)}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkPortion plans a portion as if it were to be written, and judges what comes of it: identities first, then what it
// refers to, then its unique values.
func (r *run) checkPortion(ctx context.Context, kind uint8, portion []document.Raw) error {
	plans, err := r.kinds[kind].plan(ctx, r, portion, &r.m)
	if err != nil {
		return err
	}
	// A record that is listed twice would claim each of its values twice: one mistake says it.
	plans = slices.DeleteFunc(plans, func(p *plan) bool { return !r.checkIdentity(p, spot{kind, uint32(p.Index)}) })
	if err := r.checkReferences(ctx, kind, plans); err != nil {
		return err
	}
	return r.checkClaims(ctx, kind, plans)
}

// checkIdentity notes a record that is listed twice, which is not looked at any further, or removed as well.
func (r *run) checkIdentity(p *plan, at spot) bool {
	d := digestOf(p.key)
	if other, twice := r.listed[d]; twice {
		r.m.Add(p.Place, "is the same record as %s", r.place(other))
		return false
	}
	r.listed[d] = at
	r.noteID(r.kinds[at.kind].name(), p)
	if gone, ok := r.removed[d]; ok {
		r.m.Add(p.Place, "is also removed, by remove.%s", r.place(gone))
	}
	return true
}

// checkReferences judges what a portion names: what the document removes must not be named, and what is newly named
// must be in the document or in the table.
func (r *run) checkReferences(ctx context.Context, kind uint8, plans []*plan) error {
	var open []pendingReference
	var keys []table.Key
	for _, p := range plans {
		for i, ref := range p.refs {
			target := ref.target()
			d := digestOf(target)
			if _, gone := r.removed[d]; gone && !ref.given && ref.lets() {
				continue // the reference goes with what it names
			} else if gone {
				r.m.Add(p.Place+"."+ref.place, "names %s %d, which the document removes", word(ref.kind), ref.id)
				continue
			}
			// What a stored record named before is there, or the store would not have kept it: no read is spent on that.
			if i >= len(p.refs)-p.kept || r.comes(ref) {
				continue
			}
			open = append(open, pendingReference{from: spot{kind, uint32(p.Index)}, ref: ref})
			keys = append(keys, target)
		}
	}
	present, err := r.store.Present(ctx, keys)
	if err != nil {
		return err
	}
	for _, p := range open {
		if !present[p.ref.target()] {
			r.pending = append(r.pending, p)
		}
	}
	return nil
}

// comes reports whether the document makes what a reference names, as far as it has been looked at.
func (r *run) comes(ref reference) bool {
	if _, ok := r.listed[digestOf(ref.target())]; ok {
		return true
	}
	if ref.kind != layout.KindNamespace || ref.id <= ownNamespaces {
		return false
	}
	user := ref.id - ownNamespaces // a personal namespace that is made with its user
	_, ok := r.listed[digestOf(layout.OwnKey(layout.KindUser, user))]
	// A user whose namespace the document lists under another id never gets the one that is given out.
	return ok && !r.owners[user]
}

// checkPending looks once more for what was not listed yet when it was named.
func (r *run) checkPending(context.Context) error {
	for _, p := range r.pending {
		if !r.comes(p.ref) {
			r.m.Add(r.place(p.from)+"."+p.ref.place, "names %s %d, which does not exist", word(p.ref.kind), p.ref.id)
		}
	}
	return nil
}

// claim is a unique value that belongs to another record in the table.
type claim struct {
	by     spot
	key    table.Key
	holder record.Holder
}

// checkClaims judges the unique values of a portion: each may be claimed once in the document, and one that another
// record holds is looked at when the whole document is known.
func (r *run) checkClaims(ctx context.Context, kind uint8, plans []*plan) error {
	var open []claim
	var keys []table.Key
	for _, p := range plans {
		at := spot{kind, uint32(p.Index)}
		if _, ok := r.carried[digestOf(p.key)]; ok && r.kinds[kind].name() == "namespaces" {
			continue // its user has claimed what it has
		}
		for _, c := range p.changes {
			had := heldBy(c.Old)
			for _, k := range heldBy(c.New) {
				d := digestOf(k)
				if other, ok := r.claims[d]; ok && other != at {
					r.m.Add(p.Place+"."+fieldOf(kind, k, r), "is also that of %s", r.place(other))
					continue
				}
				// Values that stay are claimed as well, so that nobody else in the document can have them.
				r.claims[d] = at
				if !slices.Contains(had, k) {
					open = append(open, claim{by: at, key: k})
					keys = append(keys, k)
				}
			}
		}
	}
	holders, err := r.store.Holders(ctx, keys)
	if err != nil {
		return err
	}
	// A value that is held is no mistake yet: its holder may give it up further on in the document.
	for _, c := range open {
		if h, ok := holders[c.key]; ok {
			c.holder = h
			r.taken = append(r.taken, c)
		}
	}
	return nil
}

// heldBy returns the unique values of a record, none of no record.
func heldBy(r *record.Record) []table.Key {
	if r == nil {
		return nil
	}
	return r.Held()
}
