// Package catalog lists the records of the directory without a Scan: all of a kind, or those with another record. Exports use it.
package catalog
