// Package document reads the outer shape of directory documents, their records and their values, and collects the mistakes in them.
// It knows the fields of records by their structs, and nothing about the table.
package document
