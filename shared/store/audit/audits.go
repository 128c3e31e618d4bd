package audit

import (
	"postern/shared/store/record"
	"postern/shared/table"
)

// Audits keeps and reads the audit.
type Audits struct {
	db      *table.Table
	records *record.Directory
}

// New returns the audit of a table.
func New(db *table.Table, records *record.Directory) *Audits {
	return &Audits{db: db, records: records}
}
