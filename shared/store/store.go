package store

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/shared/store/agents"
	"postern/shared/store/audit"
	"postern/shared/store/catalog"
	"postern/shared/store/credentials"
	"postern/shared/store/limits"
	"postern/shared/store/lookup"
	"postern/shared/store/pushes"
	"postern/shared/store/record"
	"postern/shared/store/tenants"
	"postern/shared/table"
)

// Store joins the parts of the store over one table. It is safe for concurrent use; one serves a whole process, and it
// remembers only hints between requests.
type Store struct {
	*record.Directory
	*catalog.Lists
	*lookup.Loader
	*audit.Audits
	*limits.Limits
	*credentials.Credentials
	*agents.Agents
	*tenants.Tenants
	*pushes.Pushes
}

// Open returns a store on the named table for a function: with the SDK's configuration and the machine's clock.
func Open(cfg aws.Config, name string) *Store { return over(table.Open(cfg, name)) }

// New returns a store on the named table. The clock decides what is due or expired, and which minute it is.
func New(api table.API, name string, now func() time.Time) *Store {
	return over(table.New(api, name, now))
}

// over joins the parts, each with the parts below it.
func over(db *table.Table) *Store {
	records, loader := record.New(db), lookup.New(db)
	audits := audit.New(db, records)
	return &Store{
		Directory:   records,
		Lists:       catalog.New(db, records),
		Loader:      loader,
		Audits:      audits,
		Limits:      limits.New(db, records, loader, audits),
		Credentials: credentials.New(db, records, loader),
		Agents:      agents.New(db, records, loader),
		Tenants:     tenants.New(db, records, loader, audits),
		Pushes:      pushes.New(db, records, loader),
	}
}
