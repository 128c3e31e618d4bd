// Package gitlab is the domain of the internal API: users, keys, namespaces, projects, actors and containers. It also has the two
// identifiers that programs exchange, gl_id and gl_repository.
//
// It holds values and their grammar only. It neither decides (package access) nor stores (package store), and it
// imports nothing but the standard library.
//
// The json tag of a field is its name in a directory document, and its attribute's name in the table. The
// directory tag is its rule for documents: "required" must be given for a new record, "-" is kept by the service and is not
// part of a document.
package gitlab
