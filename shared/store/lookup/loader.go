package lookup

import (
	"math/rand/v2"

	"postern/shared/store/layout"
	"postern/shared/table"
)

// Loader loads what the decision on a request needs, at one moment and with few round trips.
type Loader struct {
	db    *table.Table
	copy  int // of the instance's items, which this process reads
	hints *hints
}

// New returns the loader of a process.
func New(db *table.Table) *Loader {
	return &Loader{
		db:    db,
		copy:  rand.IntN(layout.Copies), //nolint:gosec // spreads load over copies; nothing secret depends on it
		hints: newHints(),
	}
}
