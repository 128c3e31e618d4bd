package tenants

import (
	lru "github.com/hashicorp/golang-lru/v2"

	"postern/shared/gitlab"
	"postern/shared/store/audit"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/table"
)

// Tenants keeps the identities and groups of identity providers. A tenant is a top-level group or the instance.
type Tenants struct {
	db      *table.Table
	records *record.Directory
	lookup  *lookup.Loader
	audits  *audit.Audits
	ids     *idRanges
	hints   hints
}

// hints is what a process remembers of tenants.
type hints struct {
	scimTenants *lru.Cache[string, gitlab.ID]    // the tenant of a SCIM token, by its digest; 0 for the instance
	scimUsers   *lru.Cache[table.Key, gitlab.ID] // the user of an identity
	scimCounts  *lru.Cache[gitlab.ID, int]       // how many groups of blocks a tenant's list had
}

// New returns the tenants of a process.
func New(db *table.Table, records *record.Directory, loader *lookup.Loader, audits *audit.Audits) *Tenants {
	return &Tenants{
		db: db, records: records, lookup: loader, audits: audits, ids: newIDRanges(),
		hints: hints{
			scimTenants: lookup.NewLRU[string, gitlab.ID](),
			scimUsers:   lookup.NewLRU[table.Key, gitlab.ID](),
			scimCounts:  lookup.NewLRU[gitlab.ID, int](),
		},
	}
}

// view is a request's view with the evaluations of this package.
type view struct {
	*lookup.View
	store *Tenants
}

func (s *Tenants) newView() *view { return &view{View: s.lookup.NewView(), store: s} }
