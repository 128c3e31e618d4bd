// Package directory loads directory documents: JSON that describes users, keys, namespaces, projects, rules, tokens
// and whatever else the API answers from.
//
// A document is read as a stream, so its size does not matter. It is first checked whole, and nothing is written when
// it has a mistake; then it is written kind by kind in small transactions. Applying it again changes nothing, so an
// application that was interrupted is simply repeated. What is kept in memory is a digest of each identity and unique
// value, about 500 bytes for each user or project.
//
// The package knows what a document may say. How records lie in the table is the business of package store, and what
// they mean that of package access.
package directory
