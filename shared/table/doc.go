// Package table reads and writes the one DynamoDB table: keys, items, batches, queries, transactions. It is the only
// package that imports the SDK of DynamoDB, and it knows nothing about the records that the items belong to.
//
// Reads are strongly consistent. All writes pass through one path: Write for one item, Transact for several. It has one
// mapping of errors, one rule for retries and one count of units.
//
// A read or write that the table did not answer is an *UnavailableError, never ErrNotFound: a throttled read must not look
// like a missing record. ErrConflict reports the failed condition of a write.
package table
