package record

import (
	"errors"
	"fmt"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// Record is one thing that the table keeps, as the items it consists of: its own item, which carries a version, and
// the items that lead to it or list it with other records. It is built by the function of its kind, such as
// UserRecord; two records built from equal values consist of equal items.
type Record struct {
	value    any // what it was built from
	key      table.Key
	attrs    table.Item
	version  int64 // of the item as it was read; 0 for a record that was not read
	removing bool  // its removal has begun
	indexes  map[table.Key]index
	refs     []table.Key // own items of the records that it refers to, which must be there when it is written
	entries  []entry
	tallies  []tally
}

// index is an item of a record beside its own.
type index struct {
	attrs table.Item
	mode  indexMode
}

// indexMode is what writing an index item takes care of.
type indexMode uint8

const (
	// owned items belong to one record only, so the condition on the record's own item guards them, too.
	owned indexMode = iota
	// unique items are created only where nobody holds them, and are taken or given up only by their holder.
	unique
	// hint items shorten the way to a record and may be taken over by whoever writes them last.
	hint
	// late items are unique items of a kind that older records lack: giving one up that is missing or held by another record
	// is no conflict.
	late
)

// exclusive reports whether one record at most holds an item of the mode.
func (m indexMode) exclusive() bool { return m == unique || m == late }

// entry is one entry of a map that another record's item keeps; without the attribute of a map it is an attribute of an
// item that several records make together, which is there as soon as one of them is.
type entry struct {
	key             table.Key
	attribute, name string
	value           table.Value
}

// place tells entries apart whatever their values.
func (e entry) place() [3]string { return [3]string{e.key.String(), e.attribute, e.name} }

// Value returns what the record was built from: a pointer to its struct of package gitlab, or to this package's
// struct around it.
func (r *Record) Value() any { return r.value }

// Version is the version of the own item as it was read, 0 for a record that was not read.
func (r *Record) Version() int64 { return r.version }

// Removing reports whether the removal of the record has begun.
func (r *Record) Removing() bool { return r.removing }

// AtVersion sets the version of a record that was built from a value and not read.
func (r *Record) AtVersion(version int64) *Record {
	r.version = version
	return r
}

// With is the record with another value in its place.
func (r *Record) With(value any) *Record {
	with := *r
	with.value = value
	return &with
}

// Place is where the catalog lists the record: by its id.
func (r *Record) Place() string { return table.Rest(r.key.PK) }

// Key returns the key of the record's own item.
func (r *Record) Key() table.Key { return r.key }

// Held returns the unique values that the record holds, by the keys of their items, in order.
func (r *Record) Held() []table.Key {
	var keys []table.Key
	for k, ix := range r.indexes {
		if ix.mode.exclusive() {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, table.Key.Compare)
	return keys
}

// errTooLarge says that a record does not fit the table.
var errTooLarge = errors.New("store: record too large")

// Fits returns an error when an item of the record is larger than DynamoDB takes.
func (r *Record) Fits() error {
	for k, attrs := range r.items() {
		if size := table.Size(attrs); size > table.MaxItemSize || k.Impossible() {
			return fmt.Errorf("%w: %d bytes", errTooLarge, size)
		}
	}
	return nil
}

// items returns all items of the record with their attributes, without version.
func (r *Record) items() map[table.Key]table.Item {
	all := make(map[table.Key]table.Item, 1+len(r.indexes))
	all[r.key] = r.attrs
	for k, ix := range r.indexes {
		all[k] = ix.attrs
	}
	return all
}

// newRecord starts a record with its own item.
func newRecord(k table.Key, value any) *Record {
	return &Record{value: value, key: k, attrs: table.Encode(value), indexes: map[table.Key]index{}}
}

// lead adds a unique item that leads to the record.
func (r *Record) lead(k table.Key, kind string, id gitlab.ID) {
	r.indexes[k] = index{attrs: leading(kind, id), mode: unique}
}

// own adds an item that belongs to the record alone. attrs may be nil.
func (r *Record) own(k table.Key, attrs table.Item) { r.indexes[k] = index{attrs: attrs} }

// refer says that another record must be there.
func (r *Record) refer(k table.Key) { r.refs = append(r.refs, k) }

// referTo says the same of a record that may be absent, and lists this record with it as a dependent.
func (r *Record) referTo(k table.Key, dependent string) {
	r.refer(k)
	r.own(layout.BackKey(k.PK, dependent), nil)
}

// leading returns the attributes of an item that leads to a record.
func leading(kind string, id gitlab.ID) table.Item {
	return table.Item{"kind": table.String(kind), "id": table.Number(id)}
}
