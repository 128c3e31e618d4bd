package directory

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"time"

	"postern/shared/store/record"
	"postern/shared/table"
)

// records is a kind whose records are kept one by one. The functions below record may be nil.
type records[T any] struct {
	array    string
	identity []string // the fields that make a record this one
	either   bool     // exactly one of project_id and namespace_id is part of that
	fresh    func(now time.Time) T
	record   func(*T) *record.Record
	// settle completes and judges a record once the document's fields are in it.
	settle func(*run, *entry[T])
	// locate does so for a portion, where that takes reading.
	locate func(context.Context, *run, []*entry[T]) error
	// extend adds what is written along with the records.
	extend func(context.Context, *run, []*entry[T]) error
	// named makes the identity from the fields where it is not just read from them.
	named func(*T, object)
	// source is the field that named reads, which a removal may give instead.
	source string
	// adopt turns a stored value into the document's struct, where that is another one than the domain's.
	adopt func(any) *T
	// key is the identity where it is not the key of the record's own item.
	key func(*T) table.Key
}

// keyOf returns what makes a record this one.
func (k *records[T]) keyOf(value *T) table.Key {
	if k.key != nil {
		return k.key(value)
	}
	return k.record(value).Key()
}

// adopted returns a stored value as the document's struct, nil when it is of another kind.
func (k *records[T]) adopted(value any) *T {
	if k.adopt != nil {
		return k.adopt(value)
	}
	old, _ := value.(*T)
	return old
}

// name returns the name of the array.
func (k *records[T]) name() string { return k.array }

// identityFields returns the fields that make a record this one.
func (k *records[T]) identityFields() []string { return k.identity }

// defaults returns a new record; without fresh, the zero values are the defaults.
func (k *records[T]) defaults(now time.Time) any { return k.first(now) }

// first is defaults as what it is.
func (k *records[T]) first(now time.Time) T {
	if k.fresh == nil {
		var zero T
		return zero
	}
	return k.fresh(now)
}

// identify reads a record of "remove", which has nothing but its identity.
func (k *records[T]) identify(rec raw, m *mistakes) (table.Key, bool) {
	fields := parse(rec.json, rec.place, m)
	if fields == nil {
		return table.Key{}, false
	}
	before := m.count()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		// What the identity follows from may stand for it.
		if !slices.Contains(k.identity, name) && (k.named == nil || name != k.source) {
			m.add(rec.place+"."+name, "is not part of the identity")
		}
	}
	value, ok := k.identified(rec, fields, m)
	if ok {
		k.complete(rec, value, m)
	}
	if m.count() > before {
		return table.Key{}, false
	}
	return k.keyOf(value), true
}

// complete says what of an identity did not follow from another field either.
func (k *records[T]) complete(rec raw, value *T, m *mistakes) {
	v := reflect.ValueOf(value).Elem()
	for _, name := range k.identity {
		field := v.FieldByIndex(schemaOf(v.Type()).byName[name].index)
		if field.Kind() != reflect.Pointer && blank(field) {
			m.add(rec.place+"."+name, "is required")
		}
	}
}

// identified returns a record with nothing but its identity.
func (k *records[T]) identified(rec raw, fields object, m *mistakes) (*T, bool) {
	value := new(T)
	v := reflect.ValueOf(value).Elem()
	s := schemaOf(v.Type())
	before := m.count()
	for _, name := range k.identity {
		f, data := s.byName[name], fields[name]
		place := rec.place + "." + name
		nullable := v.FieldByIndex(f.index).Kind() == reflect.Pointer
		switch {
		case nullable && (data == nil || isNull(data)):
		case data == nil && k.named != nil: // it may follow from another field
		case data == nil || isNull(data):
			m.add(place, "is required")
		default:
			field := v.FieldByIndex(f.index)
			rd := reader{m: m, rule: s.name + "." + name}
			if rd.read(field, data, place) && blank(field) {
				m.add(place, "must not be blank")
			}
		}
	}
	if k.either && fields.has("project_id") == fields.has("namespace_id") {
		m.add(rec.place, "must have either project_id or namespace_id")
	}
	if k.named != nil && m.count() == before {
		k.named(value, fields)
	}
	return value, m.count() == before
}

// has reports whether the record has a field that is not null.
func (o object) has(name string) bool { return o.given(name) && !isNull(o[name]) }

// together is how many changes of one record are surely written in one transaction.
//
// A transaction holds 100 items, and a change of a record writes several: the record and its index items.
const together = 10

// apply writes plans, many in one transaction. Each plan is written whole or not at all, but for one with more changes
// than surely fit: its record goes first, and what hangs off it follows.
func (k *records[T]) apply(ctx context.Context, r *run, plans []*plan) []error {
	sets := make([][]record.Change, len(plans))
	for i, p := range plans {
		sets[i] = p.changes
		if len(p.changes) > together {
			sets[i] = p.changes[:1]
		}
	}
	errs := r.store.ApplyEach(ctx, sets)
	for i, p := range plans {
		// Written whole, or not at all: there is no rest.
		if len(p.changes) <= together || (errs != nil && errs[i] != nil) {
			continue
		}
		if errs == nil {
			errs = make([]error, len(plans))
		}
		errs[i] = k.applyRest(ctx, r, p.changes[1:])
	}
	return errs
}

// applyRest writes what hangs off a record that has been written, such as a deploy key's many links, one by one.
func (k *records[T]) applyRest(ctx context.Context, r *run, changes []record.Change) error {
	sets := make([][]record.Change, len(changes))
	for i, c := range changes {
		sets[i] = []record.Change{c}
	}
	return errors.Join(r.store.ApplyEach(ctx, sets)...)
}

// remove removes a record and all that hangs off it. What was wrong with the identity has been judged before.
func (k *records[T]) remove(ctx context.Context, r *run, rec raw) (bool, error) {
	key, ok := k.identify(rec, &mistakes{})
	if !ok {
		return false, nil
	}
	return r.store.Remove(ctx, key)
}

// present reads which records of "remove" are there.
func (k *records[T]) present(ctx context.Context, r *run, portion []raw) ([]bool, error) {
	keys := make([]table.Key, len(portion))
	for i, rec := range portion {
		keys[i], _ = k.identify(rec, &mistakes{})
	}
	found, err := r.store.Present(ctx, keys)
	if err != nil {
		return nil, err
	}
	there := make([]bool, len(portion))
	for i, key := range keys {
		there[i] = found[key]
	}
	return there, nil
}
