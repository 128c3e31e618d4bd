package limits

import (
	lru "github.com/hashicorp/golang-lru/v2"

	"postern/shared/store/audit"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/table"
)

// Limits counts requests and usage, and keeps the exclusions from the storage limit.
type Limits struct {
	db      *table.Table
	records *record.Directory
	lookup  *lookup.Loader
	audits  *audit.Audits
	rates   *rateWindows
	hints   hints
}

// hints is the memory of a process about unique sets.
type hints struct {
	members *lru.Cache[Member, counted] // the latest periods that members are counted in, which never become untrue
}

// New returns the limits of a process.
func New(db *table.Table, records *record.Directory, loader *lookup.Loader, audits *audit.Audits) *Limits {
	return &Limits{
		db: db, records: records, lookup: loader, audits: audits,
		rates: newRateWindows(), hints: hints{members: lookup.NewLRU[Member, counted]()},
	}
}

// view is a request's view with the evaluations of this package.
type view struct {
	*lookup.View
	store *Limits
}

func (s *Limits) newView() *view { return &view{View: s.lookup.NewView(), store: s} }
