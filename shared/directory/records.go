package directory

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"time"

	"postern/shared/directory/document"
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
	named func(*T, document.Object)
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
func (k *records[T]) identify(rec document.Raw, m *document.Mistakes) (table.Key, bool) {
	fields := document.Parse(rec.Data, rec.Place, m)
	if fields == nil {
		return table.Key{}, false
	}
	before := m.Count()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		// What the identity follows from may stand for it.
		if !slices.Contains(k.identity, name) && (k.named == nil || name != k.source) {
			m.Add(rec.Place+"."+name, "is not part of the identity")
		}
	}
	value, ok := k.identified(rec, fields, m)
	if ok {
		k.complete(rec, value, m)
	}
	if m.Count() > before {
		return table.Key{}, false
	}
	return k.keyOf(value), true
}

// complete says what of an identity did not follow from another field either.
func (k *records[T]) complete(rec document.Raw, value *T, m *document.Mistakes) {
	v := reflect.ValueOf(value).Elem()
	for _, name := range k.identity {
		field := v.FieldByIndex(document.SchemaOf(v.Type()).ByName[name].Index)
		if field.Kind() != reflect.Pointer && document.Blank(field) {
			m.Add(rec.Place+"."+name, "is required")
		}
	}
}

// identified returns a record with nothing but its identity.
func (k *records[T]) identified(rec document.Raw, fields document.Object, m *document.Mistakes) (*T, bool) {
	value := new(T)
	v := reflect.ValueOf(value).Elem()
	s := document.SchemaOf(v.Type())
	before := m.Count()
	for _, name := range k.identity {
		f, data := s.ByName[name], fields[name]
		place := rec.Place + "." + name
		nullable := v.FieldByIndex(f.Index).Kind() == reflect.Pointer
		switch {
		case nullable && (data == nil || document.IsNull(data)):
		case data == nil && k.named != nil: // it may follow from another field
		case data == nil || document.IsNull(data):
			m.Add(place, "is required")
		default:
			field := v.FieldByIndex(f.Index)
			rd := document.Reader{Mistakes: m, Rule: s.Name + "." + name}
			if rd.Read(field, data, place) && document.Blank(field) {
				m.Add(place, "must not be blank")
			}
		}
	}
	if k.either && fields.Has("project_id") == fields.Has("namespace_id") {
		m.Add(rec.Place, "must have either project_id or namespace_id")
	}
	if k.named != nil && m.Count() == before {
		k.named(value, fields)
	}
	return value, m.Count() == before
}

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
func (k *records[T]) remove(ctx context.Context, r *run, rec document.Raw) (bool, error) {
	key, ok := k.identify(rec, &document.Mistakes{})
	if !ok {
		return false, nil
	}
	return r.store.Remove(ctx, key)
}

// present reads which records of "remove" are there.
func (k *records[T]) present(ctx context.Context, r *run, portion []document.Raw) ([]bool, error) {
	keys := make([]table.Key, len(portion))
	for i, rec := range portion {
		keys[i], _ = k.identify(rec, &document.Mistakes{})
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
