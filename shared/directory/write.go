package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"postern/shared/directory/document"
	"postern/shared/table"
)

// writePortion is how many records a worker writes before it takes the next ones.
const writePortion = 50

// tries is how often a record is planned anew because somebody else changed it meanwhile.
//
// With the pauses in between that is about a second: longer than a burst of pushes, shorter than a request's patience.
const tries = 6

// write writes the document, kind by kind, so that what a record refers to is there before it.
func (r *run) write(ctx context.Context) error {
	// Before any record: a project that is pushed meanwhile must not get a number that the document brings.
	if err := r.raiseIDs(ctx); err != nil {
		return err
	}
	if err := r.writeInstallation(ctx); err != nil {
		return err
	}
	for i, k := range r.kinds {
		if err := r.writeKind(ctx, uint8(i), k); err != nil {
			return err
		}
		// Users come before groups, and may name them.
		if k.name() == "namespaces" {
			if err := r.writeLater(ctx); err != nil {
				return err
			}
		}
	}
	return r.writeRemovals(ctx)
}

// writeKind writes an array, and then the sets whose turn has come.
func (r *run) writeKind(ctx context.Context, i uint8, k kind) error {
	if k.name() != "namespaces" {
		if err := r.writeSection(ctx, i, func(document.Raw) bool { return true }); err != nil {
			return err
		}
		return r.writeLinked(ctx, slotOf(i))
	}
	deepest := uint8(0)
	for _, d := range r.tree.depths {
		deepest = max(deepest, d)
	}
	for level := uint8(0); level <= deepest; level++ { // parents before what lies in them
		at := func(rec document.Raw) bool { return r.tree.depths[rec.Index] == level }
		if err := r.writeSection(ctx, i, at); err != nil {
			return err
		}
		if err := r.writeLinked(ctx, slotOf(i)+int(level)); err != nil {
			return err
		}
	}
	return nil
}

// writeSection writes the records of one array, several portions at once, without those that are linked to others.
func (r *run) writeSection(ctx context.Context, i uint8, wanted func(document.Raw) bool) error {
	k := r.kinds[i]
	sec := r.doc.Section(k.name())
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workersOf(k, r.workers))
	err := r.doc.Each(ctx, sec, 0, len(sec.Starts), writePortion, func(portion []document.Raw) error {
		portion = slices.DeleteFunc(portion, func(rec document.Raw) bool {
			return !wanted(rec) || r.linked.has(spot{i, uint32(rec.Index)})
		})
		// Once a worker has failed, nothing new is begun; the others end what they are at.
		if ctx.Err() == nil && len(portion) > 0 {
			g.Go(func() error { return r.writePortion(ctx, k, portion, true) })
		}
		return ctx.Err()
	})
	// A failed worker cancels the reading: its error is the cause, and that of reading the consequence.
	if failed := g.Wait(); failed != nil {
		return failed
	}
	return err
}

// workersOf returns how many workers write a kind: rules of one container are one item, on which they would collide.
func workersOf(k kind, workers int) int {
	if name := k.name(); name == "protected_branches" || name == "protected_tags" {
		return 1
	}
	return workers
}

// writePortion writes records, and those anew that somebody else changed meanwhile. counted says whether they are
// counted.
func (r *run) writePortion(ctx context.Context, k kind, portion []document.Raw, counted bool) error {
	for attempt := 1; ; attempt++ {
		failed, conflict, err := r.writeOnce(ctx, k, portion, counted)
		switch {
		case err != nil:
			return err
		case len(failed) == 0:
			return nil
		case attempt == tries:
			return fmt.Errorf("directory: %s: %w", failed[0].Place, conflict)
		}
		portion = failed
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// pause waits a little longer with each attempt, unless the context ends.
func pause(ctx context.Context, attempt int) error {
	timer := time.NewTimer(time.Duration(attempt*attempt) * 20 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// writeOnce plans and writes records and returns those that met a conflict, and the first conflict.
func (r *run) writeOnce(ctx context.Context, k kind, portion []document.Raw, counted bool) (failed []document.Raw, conflict, err error) {
	plans, err := r.planned(ctx, k, portion)
	if err != nil {
		return nil, nil, err
	}
	count := func(p *plan) {
		if counted {
			r.tally.add(k.name(), p.outcome())
		}
	}
	var full []*plan
	for _, p := range plans {
		// Nothing to write is nothing to put into a transaction; a document that is loaded again is all of this kind.
		if p.empty() {
			count(p)
		} else {
			full = append(full, p)
		}
	}
	if len(full) == 0 {
		return nil, nil, nil
	}
	errs := k.apply(ctx, r, full)
	for i, p := range full {
		switch {
		case errs == nil || errs[i] == nil:
			count(p)
		case errors.Is(errs[i], table.ErrConflict):
			at := slices.IndexFunc(portion, func(rec document.Raw) bool { return rec.Index == p.Index })
			failed = append(failed, portion[at])
			// The first conflict is the one to show: the others are often its consequences.
			conflict = cmp.Or(conflict, errs[i])
		default:
			return nil, nil, fmt.Errorf("directory: %s: %w", p.Place, errs[i])
		}
	}
	return failed, conflict, nil
}

// outcome tells what writing the plan does.
func (p *plan) outcome() outcome {
	switch {
	case p.fresh:
		return created
	case p.later:
		return updated
	case p.empty():
		return unchanged
	}
	return updated
}

// planned plans records that were right when the document was checked. One that no longer is means that what it
// builds on was changed by somebody else.
func (r *run) planned(ctx context.Context, k kind, portion []document.Raw) ([]*plan, error) {
	var m document.Mistakes
	plans, err := k.plan(ctx, r, portion, &m)
	if err == nil && !m.None() {
		err = fmt.Errorf("directory: %s %s: %w", m.List[0].Place, m.List[0].Message, table.ErrConflict)
	}
	return plans, err
}

// writeRemovals removes what the document removes, dependents before what they hang off.
func (r *run) writeRemovals(ctx context.Context) error {
	// Each record that is listed is then counted as its own kind, and not gone already with what it hangs off.
	for i := len(r.kinds) - 1; i >= 0; i-- {
		if err := r.removeSection(ctx, r.kinds[i]); err != nil {
			return err
		}
	}
	return r.removeStorages(ctx)
}

// removeSection removes the records of one array of "remove". Those that are not there are not counted.
func (r *run) removeSection(ctx context.Context, k kind) error {
	sec := r.doc.Section("remove." + k.name())
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workersOf(k, r.workers))
	err := r.doc.Each(ctx, sec, 0, len(sec.Starts), 1, func(one []document.Raw) error {
		g.Go(func() error {
			was, err := k.remove(ctx, r, one[0])
			if err != nil {
				return fmt.Errorf("directory: %s: %w", one[0].Place, err)
			}
			if key, ok := k.identify(one[0], &document.Mistakes{}); ok && (was || r.linked.removed(key)) {
				r.tally.add(k.name(), removed)
			}
			return nil
		})
		return ctx.Err()
	})
	if failed := g.Wait(); failed != nil {
		return failed
	}
	return err
}
