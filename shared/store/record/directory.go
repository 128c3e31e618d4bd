package record

import "postern/shared/table"

// Directory reads and writes the records of the directory.
type Directory struct {
	db *table.Table
}

// New returns the records of a table.
func New(db *table.Table) *Directory { return &Directory{db: db} }
