// Package directory is the function that loads directory documents, from its payload or from objects in its bucket. It
// also exports the whole directory.
//
// Package postern/shared/directory defines the documents and applies them. This package reads a document and reports the
// result.
package directory
