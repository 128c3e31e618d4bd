// Package store keeps everything that Postern answers from in one DynamoDB table, and is the only package that
// knows DynamoDB: keys, items, batches, transactions, conditions.
//
// Reads are strongly consistent. A request remembers hints from earlier ones (which user a key belonged to, which
// project a path led to), asks for everything they point to in one BatchGetItem, and then checks each hint against
// what came back; a wrong hint costs another round trip, never a wrong answer.
//
// What the table could not be asked is an *UnavailableError, whatever the reason, and never ErrNotFound: a throttled read
// must not look like a record that is missing. ErrConflict says of a write that somebody else was faster.
//
// The package neither decides who may do what (package access) nor reads directory documents (package directory).
package store
