package importer

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// walk reads everything into the journal.
type walk struct {
	source  *source
	journal *journal
	workers int
	reportf func(format string, args ...any)
}

// list is a list of GitLab with visits of its items.
type list struct {
	name string
	// page reads one page. The first page has next "".
	page func(ctx context.Context, next string, into records) (ids []int64, following string, err error)
	// visit reads the resources of an item. A deleted item is errDeleted.
	visit func(ctx context.Context, id int64, into records) error
	// numbered lists have pages by number, which shift after a deletion. An interrupted one starts again.
	numbered bool
}

// records are GitLab's records by array of the document.
type records map[string][]json.RawMessage

// add stores a record as JSON, the form of the journal.
func (r records) add(array string, record any) error {
	raw, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("%s: %w", array, err)
	}
	r[array] = append(r[array], raw)
	return nil
}

// all walks the lists so that an item is listed after the items that refer to it. Items created during the import then exist in the
// document. Deleted items are omitted at the end.
func (w *walk) all(ctx context.Context) error {
	for _, l := range []list{w.projects(), w.groups(), w.users()} {
		if err := w.pages(ctx, l); err != nil {
			return err
		}
		if err := w.visits(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// pages reads the remaining pages.
func (w *walk) pages(ctx context.Context, l list) error {
	p := w.journal.list(l.name)
	next := p.next
	if l.numbered {
		next = ""
	}
	for done := p.whole(); !done; done = next == "" {
		into := records{}
		ids, following, err := l.page(ctx, next, into)
		if err != nil {
			return err
		}
		if err := w.journal.add(&entry{List: l.name, Page: true, IDs: ids, Next: following, Records: into}); err != nil {
			return err
		}
		next = following
		w.reportf("%s: %d listed", l.name, len(p.ids))
	}
	return nil
}

// reportEvery is the number of visits between two progress lines.
const reportEvery = 100

// visits reads the resources of the remaining items.
func (w *walk) visits(ctx context.Context, l list) error {
	p := w.journal.list(l.name)
	pending := p.pending()
	team, within := errgroup.WithContext(ctx)
	team.SetLimit(w.workers)
	for i, id := range pending {
		if done := len(p.ids) - len(pending) + i; done%reportEvery == 0 && done > 0 {
			w.reportf("%s: %d of %d read", l.name, done, len(p.ids))
		}
		team.Go(func() error { return w.visit(within, l, id) })
		if within.Err() != nil {
			break
		}
	}
	// An interruption between two visits has no error of its own.
	if err := cmp.Or(team.Wait(), ctx.Err()); err != nil {
		return err
	}
	w.reportf("%s: all %d read", l.name, len(p.ids))
	return nil
}

// visit reads the resources of an item and writes them to the journal as one line, so they are complete or read again.
func (w *walk) visit(ctx context.Context, l list, id int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e := entry{List: l.name, Visited: id, Records: records{}}
	err := l.visit(ctx, id, e.Records)
	if isDeleted(err) {
		e = entry{List: l.name, Visited: id, Deleted: true}
	} else if err != nil {
		return err
	}
	return w.journal.add(&e)
}
