package directory

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"golang.org/x/sync/errgroup"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/layout"
	"postern/shared/store/record"
)

// Page is a part of an export. The pages of one export, joined array by array, are a document that loads to the same state;
// Writer joins them.
type Page struct {
	// Document has the arrays of the page, and "instance", an object.
	Document map[string]any `json:"document"`
	Next     string         `json:"next,omitempty"` // where the next page begins, "" after the last one
	// Omitted counts the secrets that were left out because the table keeps them as they were given, by struct and field.
	Omitted map[string]int `json:"omitted,omitempty"`
}

// ErrCursor says that a page was asked for by a place that no page told.
var ErrCursor = errors.New("directory: export: not a place to go on from")

// The sizes of a page: when it has as many records, or as many bytes, it is finished with the records of the present root.
// An answer of Lambda may have 6 MB, and the records of one reading at most 1 MB.
const (
	pageRecords = 1000
	pageBytes   = 3 << 20
)

// cursor is how far an export has come.
type cursor struct {
	Chapter int    `json:"c,omitempty"`
	Part    int    `json:"p,omitempty"` // of the catalog
	After   string `json:"a,omitempty"` // the last root that is done
	Inner   string `json:"i,omitempty"` // the place behind which the next root goes on
}

// ExportPage returns the page of an export that begins at a place, "" for the first one. An export is no snapshot: what is
// written while its pages are read may be in it or not, and a record may be missing that another one names.
func ExportPage(ctx context.Context, s *store.Store, place string) (Page, error) {
	e := &exporter{store: s, chapters: chapters(), kinds: exported(), page: Page{Document: map[string]any{}, Omitted: map[string]int{}}}
	if err := e.at.read(place, len(e.chapters)); err != nil {
		return Page{}, err
	}
	for e.at.Chapter < len(e.chapters) && e.records < pageRecords && e.bytes < pageBytes {
		if err := e.step(ctx, &e.chapters[e.at.Chapter]); err != nil {
			return Page{}, err
		}
	}
	if e.at.Chapter < len(e.chapters) {
		e.page.Next = e.at.String()
	}
	return e.page, nil
}

// read understands what String wrote.
func (c *cursor) read(place string, chapters int) error {
	if place == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(place)
	if err != nil || json.Unmarshal(raw, c) != nil || c.Chapter < 0 || c.Chapter >= chapters ||
		c.Part < 0 || c.Part >= layout.CatalogParts {
		return ErrCursor
	}
	return nil
}

// String is the cursor as callers see it, who need not understand it.
func (c *cursor) String() string {
	raw, err := json.Marshal(c)
	if err != nil { // it has numbers and texts only
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// exporter makes one page.
type exporter struct {
	store    *store.Store
	chapters []chapter
	kinds    map[string]telling
	page     Page
	at       cursor
	records  int
	bytes    int
}

// telling is what rendering a kind of records takes.
type telling struct {
	identity []string
	defaults reflect.Value
}

// exported are the kinds by their arrays. Their defaults are of a moment in which nothing was made, so that moments are told.
func exported() map[string]telling {
	all := map[string]telling{
		"instance": {nil, reflect.ValueOf(instance{Instance: gitlab.DefaultInstance()})},
		"storages": {storages().identity, reflect.ValueOf(gitlab.Storage{})},
	}
	for _, k := range kinds() {
		all[k.name()] = telling{k.identityFields(), reflect.ValueOf(k.defaults(time.Time{}))}
	}
	return all
}

// step reads on in a chapter, at most as far as a page.
func (e *exporter) step(ctx context.Context, c *chapter) error {
	// No catalog leads here: there is one of it, such as what belongs to the whole instance.
	if c.roots == "" {
		records, next, err := c.read(ctx, e.store, nil, e.at.Inner)
		if err != nil {
			return err
		}
		if e.at.Inner = next; next == "" {
			e.at = cursor{Chapter: e.at.Chapter + 1}
		}
		return e.tell(c, records)
	}
	roots, next, err := e.store.Catalog(ctx, c.roots, e.at.Part, e.at.After, rootsAtOnce)
	if err != nil {
		return err
	}
	// Where it stopped is noted by itself; the place behind all of these roots is not reached yet.
	stopped, err := e.readRoots(ctx, c, roots)
	if err != nil || stopped {
		return err
	}
	e.at.After, e.at.Inner = next, ""
	if next == "" {
		e.at = cursor{Chapter: e.at.Chapter, Part: e.at.Part + 1}
	}
	// That was the last part: the chapter is through.
	if e.at.Part == layout.CatalogParts {
		e.at = cursor{Chapter: e.at.Chapter + 1}
	}
	return nil
}

// How many roots are looked at together, and how many of them are read at once.
const (
	rootsAtOnce = 50
	readsAtOnce = 8
)

// found is what was read of one root.
type found struct {
	records []*record.Record
	next    string
}

// readRoots tells what hangs off roots. It stops at one of which more has to be read.
func (e *exporter) readRoots(ctx context.Context, c *chapter, roots []*record.Record) (stopped bool, err error) {
	if c.read == nil {
		return false, e.tell(c, roots)
	}
	all := make([]found, len(roots))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(readsAtOnce)
	for i, root := range roots {
		after := ""
		// Only the first one can have been left in the middle.
		if i == 0 {
			after = e.at.Inner
		}
		g.Go(func() (err error) {
			all[i].records, all[i].next, err = c.read(gctx, e.store, root, after)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return false, err
	}
	for i := range all {
		if err := e.tell(c, all[i].records); err != nil {
			return false, err
		}
		// There is more of this root than one reading has. Those behind it are read again when it is through.
		if e.at.Inner = all[i].next; e.at.Inner != "" {
			return true, nil
		}
		e.at.After = roots[i].Place()
		// Full: what was read of the roots behind this one is left to the next page.
		if e.records >= pageRecords || e.bytes >= pageBytes {
			return i < len(all)-1, nil
		}
	}
	return false, nil
}

// tell adds records to the page.
func (e *exporter) tell(c *chapter, records []*record.Record) error {
	kind := e.kinds[c.array]
	for _, r := range records {
		for _, value := range c.tell(r) {
			raw, err := render(value, kind.defaults, kind.identity, e.page.Omitted)
			if err != nil {
				return err
			}
			e.records, e.bytes = e.records+1, e.bytes+len(raw)+1
			e.page.add(c.array, raw)
		}
	}
	return nil
}

// add puts a record into its array; the instance is no array.
func (p *Page) add(array string, raw json.RawMessage) {
	if array == "instance" {
		p.Document[array] = raw
		return
	}
	list, _ := p.Document[array].([]json.RawMessage)
	p.Document[array] = append(list, raw)
}

// Export writes the whole directory as one document, page by page, and returns how many secrets were left out.
func Export(ctx context.Context, s *store.Store, to *Writer) (map[string]int, error) {
	omitted := map[string]int{}
	for place, first := "", true; first || place != ""; first = false {
		page, err := ExportPage(ctx, s, place)
		if err != nil {
			return nil, err
		}
		// Counted over all pages, as whoever reads one document asks about the whole of it.
		for name, n := range page.Omitted {
			omitted[name] += n
		}
		if err := to.Write(page); err != nil {
			return nil, fmt.Errorf("directory: export: %w", err)
		}
		place = page.Next
	}
	return omitted, to.Close()
}
