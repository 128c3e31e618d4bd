package directory

import (
	"encoding/json"
	"fmt"
	"io"
)

// Writer joins the pages of an export to one document as they come, so that its size does not matter.
type Writer struct {
	to    io.Writer
	array string // the one that is just being written
	begun bool
	err   error
}

// NewWriter returns a writer of one document.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Write writes a page behind those before it. The error is the first one of the writer below, and stays.
func (w *Writer) Write(p Page) error {
	for _, array := range arrays() {
		switch list := p.Document[array].(type) {
		case nil:
		case []json.RawMessage:
			for _, raw := range list {
				w.record(array, raw)
			}
		case []any: // as it comes from JSON
			for _, value := range list {
				w.value(array, value)
			}
		default:
			w.value(array, list)
		}
	}
	return w.err
}

// arrays are the names of an export's parts in their order.
func arrays() []string {
	var names []string
	for _, c := range chapters() {
		if len(names) == 0 || names[len(names)-1] != c.array {
			names = append(names, c.array)
		}
	}
	return names
}

// value writes a record that was decoded.
func (w *Writer) value(array string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		w.err = err
		return
	}
	w.record(array, raw)
}

// record writes one record, each on a line.
func (w *Writer) record(array string, raw []byte) {
	switch {
	// Pages may end within an array, and the next one goes on with it.
	case array == w.array:
		w.print(",\n%s", raw)
		return
	// The instance is an object, which has been closed with itself.
	case w.array != "" && w.array != "instance":
		w.print("\n]")
	}
	begin := "{\n"
	if w.begun {
		begin = ",\n"
	}
	w.begun, w.array = true, array
	if array == "instance" {
		w.print("%s%q: %s", begin, array, raw)
		return
	}
	w.print("%s%q: [\n%s", begin, array, raw)
}

// Close ends the document, without closing the writer below. An export of nothing is an empty object.
func (w *Writer) Close() error {
	switch {
	case !w.begun:
		w.print("{")
	case w.array != "instance":
		w.print("\n]")
	}
	w.print("}\n")
	return w.err
}

// print writes unless that has failed before: the first error is the one that counts, and Close tells it.
func (w *Writer) print(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.to, format, args...)
	}
}
