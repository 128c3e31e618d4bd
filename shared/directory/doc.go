// Package directory loads directory documents: JSON that describes users, keys, namespaces, projects, rules, tokens
// and whatever else the API answers from.
//
// A document is read as a stream, so its size does not matter. It is first checked whole, and nothing is written when
// it has a mistake; then it is written kind by kind in small transactions. Applying it again changes nothing, so an
// application that was interrupted is simply repeated.
//
// What is kept in memory is a digest of each identity and unique value, at most 1 KB for each record (a test holds it to
// that). A document with 100,000 users and 100,000 projects needs less than 256 MB; 115 MB were measured, with
//
//	POSTERN_RECORDS=100000 go test -v -timeout 60m -run ALargeDocument ./shared/directory
//
// Two documents may be applied at once: what one of them has read and the other one has changed meanwhile is read again,
// and when they keep getting into each other's way, one of them ends with store.ErrConflict and nothing half done.
//
// The package knows what a document may say. How records lie in the table is the business of package store, and what
// they mean that of package access.
package directory
