// Package record holds the kinds of records in the directory, and the items that each consists of. It turns changes of records into
// transactions, and removes records together with the records that depend on them.
package record
