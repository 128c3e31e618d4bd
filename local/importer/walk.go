package importer

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// walk asks for everything and writes it into the journal.
type walk struct {
	source  *source
	journal *journal
	workers int
	say     func(format string, args ...any)
}

// list is a list of GitLab, and what hangs off those on it.
type list struct {
	name string
	// page asks for one page, the first one for next "".
	page func(ctx context.Context, next string, into records) (ids []int64, following string, err error)
	// visit asks for what hangs off one of them; errGone when it is not there any more.
	visit func(ctx context.Context, id int64, into records) error
	// numbered says that pages go by number, and shift when something is removed: a cut list is listed again.
	numbered bool
}

// records are what GitLab has told, by array of the document.
type records map[string][]json.RawMessage

// add keeps a record as JSON at once, which is the form that it has in the journal.
func (r records) add(array string, record any) error {
	raw, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("%s: %w", array, err)
	}
	r[array] = append(r[array], raw)
	return nil
}

// all walks the lists in an order in which whoever is named is listed after who names them: what is made meanwhile is then
// there when it is named. What is removed meanwhile is left out in the end.
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

// pages lists what has not been listed yet.
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
		w.say("%s: %d listed", l.name, len(p.ids))
	}
	return nil
}

// told is after how many visits it is told how far they are.
const told = 100

// visits asks for what hangs off those that have not been visited yet.
func (w *walk) visits(ctx context.Context, l list) error {
	p := w.journal.list(l.name)
	pending := p.pending()
	team, within := errgroup.WithContext(ctx)
	team.SetLimit(w.workers)
	for i, id := range pending {
		if done := len(p.ids) - len(pending) + i; done%told == 0 && done > 0 {
			w.say("%s: %d of %d read", l.name, done, len(p.ids))
		}
		team.Go(func() error { return w.visit(within, l, id) })
		if within.Err() != nil {
			break
		}
	}
	// Cut off between two visits, none of them has an error to tell.
	if err := cmp.Or(team.Wait(), ctx.Err()); err != nil {
		return err
	}
	w.say("%s: all %d read", l.name, len(p.ids))
	return nil
}

// visit asks for one of a list, and writes what was told into the journal in one line: it is there, or it is asked for again.
func (w *walk) visit(ctx context.Context, l list, id int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e := entry{List: l.name, Visited: id, Records: records{}}
	err := l.visit(ctx, id, e.Records)
	if isGone(err) {
		e = entry{List: l.name, Visited: id, Gone: true}
	} else if err != nil {
		return err
	}
	return w.journal.add(&e)
}
