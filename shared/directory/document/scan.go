package document

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Document is where the records of a document are, found by reading it through once.
type Document struct {
	source   Source
	Whole    bool                // it was understood to its end
	DryRun   bool                // it is only to be told what applying it would do
	sections map[string]*Section // by array; those of "remove" as "remove.users"
}

// Section is one array of records.
type Section struct {
	name string
	// Offsets, not records: eight bytes each is what makes a document larger than memory possible.
	Starts []int64 // where each record begins
	end    int64   // where the last one ends
}

// Raw is one record as the document has it.
type Raw struct {
	Place string // "projects[3]"
	Index int
	Data  json.RawMessage
}

// errStop ends the reading of a document that is not understood any further.
var errStop = errors.New("not understood")

// Scan reads a document through and notes where its records are. What is wrong with its outer shape goes into m; the
// error is about reading.
func Scan(ctx context.Context, source Source, known func(string) bool, m *Mistakes) (*Document, error) {
	body, err := source.Open(ctx, 0, -1)
	if err != nil {
		return nil, fmt.Errorf("directory: open document: %w", err)
	}
	defer func() { _ = body.Close() }()
	s := &scanner{
		in: &failing{Reader: body}, known: known, m: m,
		doc: &Document{source: source, sections: map[string]*Section{}},
	}
	// The decoder reports an error of reading as one of syntax, so the reader remembers its own.
	s.dec = json.NewDecoder(s.in)
	err = s.object("")
	if s.doc.Whole = err == nil; s.doc.Whole {
		s.nothingMore()
	}
	if s.in.err != nil {
		return nil, fmt.Errorf("directory: read document: %w", s.in.err)
	}
	if err != nil && !errors.Is(err, errStop) {
		m.Add("", "is not valid JSON near byte %d: %v", s.dec.InputOffset(), err)
	}
	return s.doc, nil
}

// failing tells errors of reading from those of the document.
type failing struct {
	io.Reader
	err error
}

// Read reads on, and remembers an error that is not the end.
func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

// scanner finds out which arrays a document has and where in it their records are. It keeps none of them.
type scanner struct {
	dec   *json.Decoder
	in    *failing
	doc   *Document
	known func(string) bool
	m     *Mistakes
}

// object reads the document itself or its "remove" object; prefix is "" or "remove.".
func (s *scanner) object(prefix string) error {
	place := strings.TrimSuffix(prefix, ".")
	token, err := s.dec.Token()
	switch {
	case err != nil:
		return err
	// null: as if it were left out.
	case token == nil && prefix != "":
		return nil
	case token != json.Delim('{'):
		s.m.Add(place, "must be an object")
		return errStop
	}
	for s.dec.More() {
		name, err := s.dec.Token()
		if err != nil {
			return err
		}
		if err := s.member(prefix, fmt.Sprint(name)); err != nil {
			return err
		}
	}
	_, err = s.dec.Token()
	return err
}

// member reads one member of the document or of its "remove" object. What is not known is a mistake and skipped, so that
// the mistakes behind it are found as well.
func (s *scanner) member(prefix, name string) error {
	place := prefix + name
	if _, twice := s.doc.sections[place]; twice {
		s.m.Add(place, "is given twice")
	}
	switch {
	case place == "remove":
		s.doc.sections[place] = &Section{name: place} // has no records of its own, but must not come again
		return s.object("remove.")
	case place == "dry_run":
		return s.dryRun()
	case place == "instance":
		return s.single(place)
	case prefix != "" && name == "instance", !s.known(name):
		s.m.Add(place, "is not known")
		var skipped json.RawMessage
		return s.dec.Decode(&skipped)
	}
	return s.array(place)
}

// dryRun reads whether the document is only to be previewed.
func (s *scanner) dryRun() error {
	s.doc.sections["dry_run"] = &Section{name: "dry_run"} // must not come again
	var value any
	if err := s.dec.Decode(&value); err != nil {
		return err
	}
	dry, ok := value.(bool)
	if !ok && value != nil {
		s.m.Add("dry_run", "must be true or false")
	}
	s.doc.DryRun = dry
	return nil
}

// single notes the one record that stands for itself.
func (s *scanner) single(place string) error {
	var value json.RawMessage
	if err := s.dec.Decode(&value); err != nil {
		return err
	}
	end := s.dec.InputOffset()
	if string(value) != "null" {
		s.doc.sections[place] = &Section{name: place, Starts: []int64{end - int64(len(value))}, end: end}
	}
	return nil
}

// array notes where the records of an array are. Their contents are not looked at yet, only passed over.
func (s *scanner) array(place string) error {
	token, err := s.dec.Token()
	switch {
	case err != nil:
		return err
	case token == nil: // null: as if it were left out
		s.doc.sections[place] = &Section{name: place}
		return nil
	case token != json.Delim('['):
		s.m.Add(place, "must be an array")
		return errStop
	}
	sec := &Section{name: place}
	s.doc.sections[place] = sec
	// The buffer is used again for every record; nothing keeps it.
	var value json.RawMessage
	for s.dec.More() {
		value = value[:0]
		if err := s.dec.Decode(&value); err != nil {
			return err
		}
		// A raw value has no white space around it, so its length leads back to its beginning.
		sec.end = s.dec.InputOffset()
		sec.Starts = append(sec.Starts, sec.end-int64(len(value)))
	}
	_, err = s.dec.Token()
	return err
}

// nothingMore notes what follows the document.
func (s *scanner) nothingMore() {
	if _, err := s.dec.Token(); !errors.Is(err, io.EOF) {
		s.m.Add("", "must be one object and nothing more")
	}
}

// Section returns an array of the document, an empty one when it has none.
func (d *Document) Section(name string) *Section {
	if sec := d.sections[name]; sec != nil {
		return sec
	}
	return &Section{name: name}
}

// Each reads the records from index from up to, but without, index to in portions of at most n.
func (d *Document) Each(ctx context.Context, sec *Section, from, to, n int, do func([]Raw) error) error {
	if from >= to {
		return nil
	}
	end := sec.end
	if to < len(sec.Starts) {
		end = sec.Starts[to]
	}
	body, err := d.source.Open(ctx, sec.Starts[from], end)
	if err != nil {
		return fmt.Errorf("directory: open document: %w", err)
	}
	defer func() { _ = body.Close() }()
	// What is read begins in the middle of an array: with a bracket before it the decoder takes the commas in between.
	dec := json.NewDecoder(io.MultiReader(strings.NewReader("["), body))
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("directory: read document: %w", err)
	}
	for from < to {
		portion := make([]Raw, 0, min(n, to-from))
		for ; from < to && len(portion) < n; from++ {
			r := Raw{Index: from, Place: sec.Place(from)}
			if err := dec.Decode(&r.Data); err != nil {
				return fmt.Errorf("directory: read %s again: %w", r.Place, err)
			}
			portion = append(portion, r)
		}
		if err := do(portion); err != nil {
			return err
		}
	}
	return nil
}

// Place names a record.
func (s *Section) Place(index int) string {
	if s.name == "instance" {
		return s.name
	}
	return fmt.Sprintf("%s[%d]", s.name, index)
}
