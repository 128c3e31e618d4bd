// Package layout is the key layout of the table: the keys of the directory's records and of the items that lead to them. The parts
// of the store that keep items of their own build those keys themselves.
package layout
