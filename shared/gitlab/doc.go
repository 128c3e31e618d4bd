// Package gitlab is the domain of the internal API: users, keys, namespaces, projects, who acts and what is
// acted on, and the two identifiers that travel between the programs, gl_id and gl_repository.
//
// It holds values and their grammar only. It neither decides (package access) nor stores (package store), and it
// imports nothing but the standard library.
//
// The json tag of a field is its name in a directory document, and its attribute's name in the table. The
// directory tag says what a document may do with it: "required" must be given for a new record, "-" is kept by
// the service and is not part of a document.
package gitlab
