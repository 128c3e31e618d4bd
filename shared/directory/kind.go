package directory

import (
	"context"
	"strings"
	"time"

	"postern/shared/directory/document"
	"postern/shared/store/record"
	"postern/shared/table"
)

// kind is what the records of one array have in common.
type kind interface {
	// name is the array's.
	name() string
	// identityFields are the fields that make a record this one.
	identityFields() []string
	// defaults is a new record of which nothing is said, made at a moment.
	defaults(now time.Time) any
	// identify returns the own item's key of a record that is named by its identity alone. It notes mistakes.
	identify(rec document.Raw, m *document.Mistakes) (table.Key, bool)
	// plan finds out what a portion of records comes to. It notes mistakes, and leaves out records without identity.
	plan(ctx context.Context, r *run, portion []document.Raw, m *document.Mistakes) ([]*plan, error)
	// apply writes plans. It returns an error for each at its place, or nil when all went well.
	apply(ctx context.Context, r *run, plans []*plan) []error
	// remove removes a record by its identity, and reports whether it was there.
	remove(ctx context.Context, r *run, rec document.Raw) (bool, error)
	// present reports of each record of a portion of "remove" whether it is there.
	present(ctx context.Context, r *run, portion []document.Raw) ([]bool, error)
}

// plan is what a record of the document comes to.
type plan struct {
	document.Raw
	key table.Key // of the own item; what makes the record this one
	// fresh is not the same as having a change without Old: a rule is new among others that are stored.
	fresh   bool // nothing is stored yet
	changes []record.Change
	rewrite bool        // it is written along with others, not by changes of its own
	later   bool        // a part of it is written later
	refs    []reference // those that are new, and those that were there
	kept    int         // how many of refs, at the end, were there before
	value   any         // pointers to the record's struct, before and after
	before  any
}

// empty reports whether nothing has to be written.
func (p *plan) empty() bool {
	if p.rewrite {
		return false
	}
	for _, c := range p.changes {
		if !c.Empty() {
			return false
		}
	}
	return true
}

// entry is a record while it is being planned.
type entry[T any] struct {
	document.Raw
	fields document.Object
	key    table.Key
	old    *T // nil for a new record
	stored *record.Record
	next   *T
	m      *document.Mistakes
	more   []record.Change  // written with the record
	while  []*record.Record // must not change until the record is written
	later  bool             // a part of it is written later
}

// wrong notes a mistake in a field, or in the record for the field "".
func (e *entry[T]) wrong(field, format string, args ...any) {
	place := e.Place
	if field != "" {
		place += "." + field
	}
	e.m.Add(place, format, args...)
}

// planned starts the plan of an entry.
func planned[T any](e *entry[T]) *plan {
	p := &plan{Raw: e.Raw, key: e.key, fresh: e.old == nil, later: e.later, value: e.next}
	// Plans outlive their portion while they are written; the document's text need not.
	p.Raw.Data = nil
	was := map[table.Key]bool{}
	if e.old != nil {
		p.before = e.old
		for _, ref := range referencesOf(e.old) {
			was[ref.target()] = true
		}
	}
	// Kept references go to the end: whoever judges them asks for the new ones first, by a count.
	var kept []reference
	for _, ref := range referencesOf(e.next) {
		field, _, _ := strings.Cut(ref.place, "[")
		ref.given = e.fields.Given(field)
		if was[ref.target()] {
			kept = append(kept, ref)
		} else {
			p.refs = append(p.refs, ref)
		}
	}
	p.kept = len(kept)
	p.refs = append(p.refs, kept...)
	return p
}
