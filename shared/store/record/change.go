package record

import (
	"reflect"
	"slices"

	"postern/shared/store/layout"
	"postern/shared/table"
)

// Change turns one record into another: a nil Old creates, a nil New removes. Old is as Records read it. The records
// of While must still be as they were read when the change is written.
type Change struct {
	Old, New *Record
	While    []*Record
}

// Empty reports whether the change has nothing to write.
func (c Change) Empty() bool {
	return len(c.operations()) == 0
}

// verb is what an operation of a transaction does.
type verb uint8

const (
	check verb = iota
	put
	update
	remove
)

// operation is one write of a transaction before it is put into DynamoDB's words.
type operation struct {
	verb   verb
	key    table.Key
	item   table.Item // put: the attributes; update: those to set
	drop   []string   // update: the attributes to remove
	cond   condition
	holder table.Item // the attributes that name the holder, for condition heldBy
	mode   indexMode
	own    bool  // on the record's own item
	old    int64 // the version read, for condition versionIs
	entry  *entry
	add    map[string]int64 // update: what is added to which attributes
	change int              // which change of the set it is of
}

// condition is what must hold for an operation.
type condition uint8

const (
	always condition = iota
	absent
	present   // and not being removed
	versionIs // the own item still has the version that was read
	heldBy    // the unique or hint item leads to the expected holder
	free      // the late item is absent or leads to the expected holder
)

// operations returns the writes of the change, those of the own item first.
func (c Change) operations() []operation {
	var ops []operation
	switch {
	case c.Old == nil && c.New == nil:
		return nil
	case c.Old == nil:
		ops = append(ops, operation{verb: put, key: c.New.key, item: c.New.attrs, cond: absent, own: true})
	case c.New == nil:
		ops = append(ops, operation{verb: remove, key: c.Old.key, cond: versionIs, old: c.Old.version, own: true})
	default:
		ops = c.updates()
	}
	ops = append(ops, c.indexOperations()...)
	ops = append(ops, c.entryOperations()...)
	ops = append(ops, c.tallyOperations()...)
	ops = append(ops, c.refChecks()...)
	if len(ops) == 0 {
		return nil
	}
	for _, r := range c.While {
		ops = append(ops, operation{verb: check, key: r.key, cond: versionIs, old: r.version})
	}
	if !ops[0].own { // every change moves the version, which is what guards owned items
		ops = slices.Insert(ops, 0, c.versionOnly())
	}
	return ops
}

// updates returns the update of the own item: only what differs is written, so that attributes that others keep
// there survive.
func (c Change) updates() []operation {
	op := c.versionOnly()
	op.item = table.Item{}
	for name, v := range c.New.attrs {
		if !reflect.DeepEqual(v, c.Old.attrs[name]) {
			op.item[name] = v
		}
	}
	// What is not given any more must go, or a flag that was cleared would stay.
	for name := range c.Old.attrs {
		if _, ok := c.New.attrs[name]; !ok {
			op.drop = append(op.drop, name)
		}
	}
	if c.Old.removing && !c.New.removing {
		op.drop = append(op.drop, layout.Removing)
	}
	if len(op.item) == 0 && len(op.drop) == 0 {
		return nil
	}
	slices.Sort(op.drop)
	return []operation{op}
}

// versionOnly moves the version of the own item, if it is the one that was read.
func (c Change) versionOnly() operation {
	return operation{verb: update, key: c.Old.key, cond: versionIs, old: c.Old.version, own: true}
}

// indexesOrNone returns the record's index items, none of no record.
func (r *Record) indexesOrNone() map[table.Key]index {
	if r == nil {
		return nil
	}
	return r.indexes
}

// indexOperations compares the index items by key.
func (c Change) indexOperations() []operation {
	var ops []operation
	before, after := c.Old.indexesOrNone(), c.New.indexesOrNone()
	for k, ix := range after {
		was, had := before[k]
		switch {
		// Stays as it is, and costs nothing.
		case had && sameItem(was.attrs, ix.attrs):
		case ix.mode == unique && had:
			ops = append(ops, operation{verb: put, key: k, item: ix.attrs, mode: unique, cond: heldBy, holder: holder(was)})
		case ix.mode.exclusive():
			ops = append(ops, operation{verb: put, key: k, item: ix.attrs, mode: ix.mode, cond: absent})
		default:
			ops = append(ops, operation{verb: put, key: k, item: ix.attrs, mode: ix.mode})
		}
	}
	for k, was := range before {
		if _, ok := after[k]; ok {
			continue
		}
		op := operation{verb: remove, key: k, mode: was.mode}
		if was.mode != owned {
			op.cond, op.holder = heldBy, holder(was)
		}
		ops = append(ops, op)
	}
	// In an order of their own, as maps have none: the same change is then the same transaction.
	slices.SortFunc(ops, func(a, b operation) int { return table.Key.Compare(a.key, b.key) })
	return ops
}

// holder returns the attributes of an index item that say whose it is.
func holder(ix index) table.Item {
	who := table.Item{}
	for _, name := range []string{"kind", "id", "extern_uid"} {
		if v, ok := ix.attrs[name]; ok {
			who[name] = v
		}
	}
	return who
}

// sameItem compares attributes; none and an empty set are equal.
func sameItem(a, b table.Item) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

// entryOperations moves the record's entries in other records' maps.
func (c Change) entryOperations() []operation {
	was, is := c.Old.entriesOrNone(), c.New.entriesOrNone()
	var ops []operation
	for _, e := range is {
		if i := slices.IndexFunc(was, e.samePlace); i >= 0 && reflect.DeepEqual(was[i].value, e.value) {
			continue
		}
		op := operation{verb: update, key: e.key, cond: present, entry: &e}
		if e.attribute == "" {
			op.cond = always
		}
		ops = append(ops, op)
	}
	for _, e := range was {
		if slices.ContainsFunc(is, e.samePlace) {
			continue
		}
		e.value = nil
		// A map whose record is gone is gone as well: such an operation is dropped.
		ops = append(ops, operation{verb: update, key: e.key, cond: present, entry: &e, mode: hint})
	}
	return ops
}

// samePlace reports whether another entry has the same place.
func (e entry) samePlace(other entry) bool { return e.place() == other.place() }

// entriesOrNone returns the record's entries, none of no record.
func (r *Record) entriesOrNone() []entry {
	if r == nil {
		return nil
	}
	return r.entries
}

// refChecks returns a check for each record that is newly referred to.
func (c Change) refChecks() []operation {
	if c.New == nil {
		return nil
	}
	var ops []operation
	for _, k := range c.New.refs {
		if c.Old == nil || !slices.Contains(c.Old.refs, k) {
			ops = append(ops, operation{verb: check, key: k, cond: present})
		}
	}
	return ops
}
