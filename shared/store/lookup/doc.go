// Package lookup is the read side of a request. A request remembers hints from earlier ones (the user of a key, the project at a
// path), reads everything they point to in one BatchGetItem, and then checks each hint against the items. A wrong hint costs
// another round trip, never a wrong answer.
//
// The package makes no decision (package access).
package lookup
