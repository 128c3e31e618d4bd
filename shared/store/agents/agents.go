package agents

import (
	lru "github.com/hashicorp/golang-lru/v2"

	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/table"
)

// Agents loads agents by their tokens, and keeps their configurations, events and findings.
type Agents struct {
	db      *table.Table
	records *record.Directory
	lookup  *lookup.Loader
	hints   hints
}

// hints is the memory of a process about agents.
type hints struct {
	agents *lru.Cache[string, agentHint] // by the digest of the token
}

// New returns the agents of a process.
func New(db *table.Table, records *record.Directory, loader *lookup.Loader) *Agents {
	return &Agents{db: db, records: records, lookup: loader, hints: hints{agents: lookup.NewLRU[string, agentHint]()}}
}

// view is a request's view with the evaluations of this package.
type view struct {
	*lookup.View
	store *Agents
}

func (s *Agents) newView() *view { return &view{View: s.lookup.NewView(), store: s} }
