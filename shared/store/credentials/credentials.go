package credentials

import (
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/table"
)

// Credentials keeps recovery codes, one-time-password sessions and the notes of issued credentials.
type Credentials struct {
	db      *table.Table
	records *record.Directory
	lookup  *lookup.Loader
}

// New returns the credentials of a table.
func New(db *table.Table, records *record.Directory, loader *lookup.Loader) *Credentials {
	return &Credentials{db: db, records: records, lookup: loader}
}

// view is a request's view with the evaluations of this package.
type view struct {
	*lookup.View
	store *Credentials
}

func (s *Credentials) newView() *view { return &view{View: s.lookup.NewView(), store: s} }
