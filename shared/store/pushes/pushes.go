package pushes

import (
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/table"
)

// Pushes keeps the state of pushes and applies their effects.
type Pushes struct {
	db      *table.Table
	records *record.Directory
	lookup  *lookup.Loader
}

// New returns the pushes of a table.
func New(db *table.Table, records *record.Directory, loader *lookup.Loader) *Pushes {
	return &Pushes{db: db, records: records, lookup: loader}
}

// view is a request's view with the evaluations of this package.
type view struct {
	*lookup.View
	store *Pushes
}

func (s *Pushes) newView() *view { return &view{View: s.lookup.NewView(), store: s} }
