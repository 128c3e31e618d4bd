// Package store joins the parts of the store over the one table of an installation. Each part is a package below it, and their
// methods are those of a Store. A family declares the small interface that it uses.
package store
