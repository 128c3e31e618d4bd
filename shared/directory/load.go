package directory

import (
	"context"
	"crypto/sha256"
	"time"

	"postern/shared/directory/document"
	"postern/shared/store"
	"postern/shared/table"
)

// Options are what applying a document may be told. The zero value is fine.
type Options struct {
	Now     func() time.Time // the clock for defaults; time.Now
	Workers int              // how many transactions are under way at once; 8
	DryRun  bool             // only tell what would be done; a document with "dry_run": true says so itself
}

// Load applies a document that is in memory, with the usual options.
func Load(ctx context.Context, s *store.Store, text []byte) (Result, error) {
	return Apply(ctx, s, document.Bytes(text), Options{})
}

// Apply checks a document and, when it has no mistake, writes it. The result tells what was done, or every mistake; of a dry
// run, what would be done, and nothing is written.
//
// An error means that the document could not be read or written to its end: the table does not answer, or somebody
// else kept changing the same records (store.ErrConflict). What has been written by then is whole, and applying the
// document again does the rest.
func Apply(ctx context.Context, s *store.Store, source document.Source, o Options) (Result, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Workers <= 0 {
		o.Workers = 8
	}
	r := newRun(s, o)
	doc, err := document.Scan(ctx, source, r.known, &r.m)
	if err != nil {
		return Result{}, err
	}
	r.doc = doc
	if doc.Whole {
		if err := r.check(ctx); err != nil {
			return Result{}, err
		}
	}
	if !r.m.None() {
		return Result{Mistakes: r.m.All()}, nil
	}
	if o.DryRun || doc.DryRun {
		return r.preview(ctx)
	}
	// Both passes run the same plans; this is what tells the second one to take ids and places.
	r.writing = true
	err = r.write(ctx)
	return Result{Counts: r.tally.counts}, err
}

// run is the application of one document.
type run struct {
	store   *store.Store
	now     time.Time
	workers int
	doc     *document.Document
	kinds   []kind
	m       document.Mistakes
	tally   tally
	writing bool // the document is right and is being written
	seeing  bool // the document is right and is being previewed

	listed  map[digest]spot  // by own item: the records of the document
	removed map[digest]spot  // by own item: what the document removes
	claims  map[digest]spot  // by unique value: who is to have it
	carried map[digest]spot  // by own item: personal namespaces that change along with their user
	follows map[int64]string // by id: the paths that they get
	owners  map[int64]bool   // users whose personal namespace the document lists
	paths   map[int64]bool   // namespaces whose path the document gives

	storages map[string]bool
	highest  map[string]int64 // by kind: the highest new id of those that the service gives out, too
	tree     tree
	pending  []pendingReference
	taken    []claim
	linked   linked
	later    later
}

// digest stands for a key. It is long enough for different keys never to meet.
//
// Sixteen bytes instead of the text itself: with a map entry for each record, this is what memory goes into.
type digest [16]byte

// digestOf returns the digest of a key. The zero byte cannot be in a key, so different keys have different texts.
func digestOf(k table.Key) digest {
	sum := sha256.Sum256([]byte(k.PK + "\x00" + k.SK))
	return digest(sum[:16])
}

// spot is a record of the document: the kind by its place in the order of kinds, and the index in the array.
type spot struct {
	kind  uint8
	index uint32
}

// newRun starts the application of a document. Its clock stands still, so that all defaults are of one moment.
func newRun(s *store.Store, o Options) *run {
	r := &run{
		store: s,
		// Whole seconds are what clients are shown, and what a document written from stored records says.
		now:     o.Now().UTC().Truncate(time.Second),
		workers: o.Workers,
		listed:  map[digest]spot{},
		removed: map[digest]spot{},
		claims:  map[digest]spot{},
		carried: map[digest]spot{},
		follows: map[int64]string{},
		owners:  map[int64]bool{},
		paths:   map[int64]bool{},
		highest: map[string]int64{},
		tally:   tally{counts: map[string]Count{}},
	}
	r.tree = newTree(s)
	r.linked = newLinked()
	r.kinds = kinds()
	return r
}

// known reports whether a document may have an array of this name.
func (r *run) known(name string) bool {
	if name == "storages" {
		return true
	}
	for _, k := range r.kinds {
		if k.name() == name {
			return true
		}
	}
	return false
}

// place names a record of the document.
func (r *run) place(s spot) string {
	return r.doc.Section(r.kinds[s.kind].name()).Place(int(s.index))
}
