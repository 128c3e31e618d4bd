// Package directory is the function that loads directory documents: one that is its payload, or one that was dropped
// into its bucket, of which the bucket tells it with an event. It also gives the whole directory out again.
//
// What a document may say, and how it is applied, is the business of package postern/shared/directory. This package
// finds the document and reports what became of it.
package directory
