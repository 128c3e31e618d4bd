package directory

import (
	"context"
	"reflect"

	"postern/shared/directory/document"
	"postern/shared/store/record"
	"postern/shared/table"
)

// plan reads what is stored of a portion, puts the document's fields into it and compares: the same in both passes, so
// that what is written is what was checked.
func (k *records[T]) plan(ctx context.Context, r *run, portion []document.Raw, m *document.Mistakes) ([]*plan, error) {
	entries, err := k.entries(ctx, r, portion, m)
	if err != nil {
		return nil, err
	}
	plans := make([]*plan, 0, len(entries))
	for _, e := range entries {
		p := planned(e)
		next := k.record(e.next)
		if err := next.Fits(); err != nil {
			e.wrong("", "is too large")
		}
		p.changes = append([]record.Change{{Old: e.stored, New: next, While: e.while}}, e.more...)
		plans = append(plans, p)
	}
	return plans, nil
}

// entries reads what is stored of a portion and puts the document's fields into it.
func (k *records[T]) entries(ctx context.Context, r *run, portion []document.Raw, m *document.Mistakes) ([]*entry[T], error) {
	entries := k.open(portion, m)
	keys := make([]table.Key, len(entries))
	// One read for the portion: what is stored under all the keys that it names.
	for i, e := range entries {
		keys[i] = e.key
	}
	found, err := r.store.Records(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.stored = found[e.key]; e.stored != nil {
			e.old = k.adopted(e.stored.Value())
		}
		k.merge(r, e)
	}
	// In this order: what is written along with a record may depend on where the record lies.
	for _, step := range []func(context.Context, *run, []*entry[T]) error{k.locate, k.extend} {
		// Most kinds lie nowhere in particular and have nothing written along with them.
		if step == nil {
			continue
		}
		if err := step(ctx, r, entries); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// open reads the identities of a portion.
func (k *records[T]) open(portion []document.Raw, m *document.Mistakes) []*entry[T] {
	entries := make([]*entry[T], 0, len(portion))
	for _, rec := range portion {
		fields := document.Parse(rec.Data, rec.Place, m)
		if fields == nil {
			continue
		}
		value, ok := k.identified(rec, fields, m)
		if !ok {
			continue
		}
		e := &entry[T]{Raw: rec, fields: fields, next: value, m: m}
		e.key = k.keyOf(value)
		entries = append(entries, e)
	}
	return entries
}

// merge puts the fields of the document into what is stored, or into a new record's defaults.
func (k *records[T]) merge(r *run, e *entry[T]) {
	defaults := k.first(r.now)
	identity := e.next
	next := defaults
	if e.old != nil {
		// A copy: what is stored is compared with the new state afterwards.
		next = *e.old
	}
	e.next = &next
	v := reflect.ValueOf(e.next).Elem()
	s := document.SchemaOf(v.Type())
	s.Merge(v, reflect.ValueOf(&defaults).Elem(), e.fields, e.Place, e.old == nil, e.m)
	for _, name := range k.identity { // a null identity stays null, one that follows from a field is put in
		index := s.ByName[name].Index
		v.FieldByIndex(index).Set(reflect.ValueOf(identity).Elem().FieldByIndex(index))
	}
	if k.settle != nil {
		k.settle(r, e)
	}
}
