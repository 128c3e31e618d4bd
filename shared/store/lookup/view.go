package lookup

import (
	"context"
	"errors"
	"fmt"

	"postern/shared/store/layout"
	"postern/shared/table"
)

// maxTrips bounds how often one request goes to the table. Two are usual when nothing is remembered, and one more
// for every level of a path that has to be walked.
const maxTrips = 32

// usualItems is room for what most requests read; a map of two more would take twice the memory.
const usualItems = 14

// errTrips says that a request did not come to an end: the records lead in a circle.
var errTrips = errors.New("too many round trips")

// View is what one request has read so far. Evaluating a request against it either comes to a result or leaves the
// keys it is missing in wanted, which are then read together and the evaluation is repeated.
type View struct {
	store  *Loader
	items  map[table.Key]table.Item // nil: there is no such item
	wanted []table.Key
	trace  []table.Key // the index items looked at since the trace was last cleared
	seems  PlaceHint   // where an index item says that a project lies whose record has not been read yet
	err    error       // the first item that could not be decoded
}

// NewView returns the view of one request, which has read nothing.
func (s *Loader) NewView() *View {
	return &View{store: s, items: make(map[table.Key]table.Item, usualItems), wanted: make([]table.Key, 0, usualItems)}
}

// Resolve evaluates until nothing is missing. evaluate reports whether it came to a result.
func (v *View) Resolve(ctx context.Context, evaluate func() bool) error {
	for range maxTrips {
		v.wanted = v.wanted[:0]
		done := evaluate()
		switch {
		case v.err != nil:
			return v.err
		case done:
			return nil
		}
		if err := v.fetch(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("store: %w", errTrips)
}

// fetch reads what is wanted. Keys without an item are remembered as such, so that they are not asked for again.
func (v *View) fetch(ctx context.Context) error {
	if err := v.store.db.GetInto(ctx, v.items, v.wanted); err != nil {
		return err
	}
	for _, k := range v.wanted {
		if _, found := v.items[k]; !found {
			v.items[k] = nil
		}
	}
	return nil
}

// Want asks for keys to be read with the next trip, if there is one.
func (v *View) Want(keys ...table.Key) {
	for _, k := range keys {
		if _, read := v.items[k]; !read && !v.asked(k) {
			v.wanted = append(v.wanted, k)
		}
	}
}

// asked reports whether a key is wanted already. There are few, so that looking through them is faster than a map.
func (v *View) asked(k table.Key) bool {
	for i := range v.wanted {
		if v.wanted[i] == k {
			return true
		}
	}
	return false
}

// Item returns an item that has been read, nil when it is missing.
func (v *View) Item(k table.Key) table.Item { return v.items[k] }

// Get returns an item, nil when there is none; known is false while it has not been read.
func (v *View) Get(k table.Key) (item table.Item, known bool) {
	item, known = v.items[k]
	if !known {
		v.Want(k)
	}
	return item, known
}

// Read returns a decoded item, nil when there is none; known is false while it has not been read. A record whose
// removal has begun is no longer there.
func Read[T any](v *View, k table.Key) (rec *T, known bool) {
	item, known := v.Get(k)
	if _, removing := item[layout.Removing]; item == nil || removing {
		return nil, known
	}
	rec = new(T)
	if err := table.Decode(item, rec); err != nil && v.err == nil {
		v.err = fmt.Errorf("store: item %s/%s: %w", k.PK, k.SK, err)
	}
	return rec, true
}

// Target is where an index item leads.
type Target struct {
	Kind  string   `json:"kind"`
	ID    int64    `json:"id"`
	Chain []int64  `json:"chain"`
	From  []string `json:"from"`
}

// index returns where an index item leads, nil when it is not there, and adds it to the trace.
func (v *View) index(k table.Key) (*Target, bool) {
	v.trace = append(v.trace, k)
	return Read[Target](v, k)
}
