package catalog

import (
	"postern/shared/store/record"
	"postern/shared/table"
)

// Lists reads the lists of records.
type Lists struct {
	db      *table.Table
	records *record.Directory
}

// New returns the lists of a table.
func New(db *table.Table, records *record.Directory) *Lists { return &Lists{db: db, records: records} }
