package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
	"postern/shared/store/layout"
)

// groups are so many top-level groups.
func groups(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`{"id":%d,"kind":"group","path":"g%d","name":"G%d"}`, 1000+i, i, i)
	}
	return `{"namespaces":[` + strings.Join(all, ",") + `]}`
}

// Whatever was made and removed before, a page is the part of all exclusions by their ids.
func TestPagesAreThoseOfTheWholeList(t *testing.T) {
	w := newWorld(t, small)
	const namespaces = 6
	w.apply(groups(namespaces))
	w.skipIDs(95) // the next ones lie in two blocks
	var want []gitlab.ID
	rapid.Check(t, func(t *rapid.T) {
		ns := gitlab.ID(rapid.IntRange(1000, 1000+namespaces-1).Draw(t, "namespace"))
		if i := slices.Index(want, ns); i >= 0 {
			w.include(ns)
			want = slices.Delete(want, i, i+1)
		} else {
			w.exclude(ns, "big")
			want = append(want, ns)
		}
		offset, limit := rapid.IntRange(0, 8).Draw(t, "offset"), rapid.IntRange(1, 4).Draw(t, "limit")
		page, err := w.reader.ListExclusions(w.t.Context(), offset, limit)
		if err != nil || page.Total != len(want) {
			t.Fatalf("%d in all, want %d: %v", page.Total, len(want), err)
		}
		var got []gitlab.ID
		for i := range page.Exclusions {
			got = append(got, page.Exclusions[i].NamespaceID)
		}
		from, to := min(offset, len(want)), min(offset+limit, len(want))
		if !slices.Equal(got, want[from:to]) {
			t.Fatalf("%v from %d, want %v", got, offset, want[from:to])
		}
	})
}

// skipIDs lets the next exclusions have higher ids.
func (w *world) skipIDs(n int) {
	w.t.Helper()
	for range n {
		if _, err := w.writer.NextID(w.t.Context(), layout.KindExclusion); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestExclusionBudgets(t *testing.T) {
	w := newWorld(t, small)
	w.apply(groups(450))
	records := make([]string, 450)
	for i := range records {
		records[i] = fmt.Sprintf(`{"namespace_id":%d,"reason":"big"}`, 1000+i)
	}
	w.apply(`{"storage_limit_exclusions":[` + strings.Join(records, ",") + `]}`)
	w.apply(`{"personal_access_tokens":[{"id":5,"user_id":1,"name":"n","scopes":["api"],"token":"secret"}]}`)
	list := func(offset, limit int) func(context.Context) error {
		return func(ctx context.Context) error {
			page, err := w.reader.ListExclusions(ctx, offset, limit)
			if err == nil && (page.Total != 450 || len(page.Exclusions) != limit) {
				return fmt.Errorf("%d of %d", len(page.Exclusions), page.Total)
			}
			return err
		}
	}
	load := func(name string) func(context.Context) error {
		return func(ctx context.Context) error { _, err := w.reader.LoadExclusionContext(ctx, name); return err }
	}
	next := gitlab.ID(20)
	rows := []struct {
		name       string
		do         func(context.Context) error
		cold, warm int
		reads      float64 // units; those of keys without an item are not told
		writes     float64
	}{
		// What a page reads is settings, counts, a name for each, and up to two blocks of exclusions, of which 40 fit a unit.
		{"the first page", list(0, 20), 3, 3, 1 + 20 + 1, 0},
		{"a page at the end of a block", list(198, 20), 3, 3, 1 + 20 + 4, 0},
		{"the last page", list(430, 20), 3, 3, 1 + 20 + 2, 0},
		{"a page behind the end", list(450, 0), 1, 1, 1, 0},
		{"a namespace by number", load("1000"), 1, 1, 2, 0},
		{"a namespace by path", load("g1"), 3, 3, 3, 0},
		{"a personal access token", func(ctx context.Context) error {
			_, err := w.reader.LoadPersonalToken(ctx, gitlab.TokenDigest("secret"))
			return err
		}, 3, 1, 3, 0},
		{"an exclusion that is made", func(ctx context.Context) error { // its number, and its two items, count, check and audit
			_, err := w.reader.CreateExclusion(ctx, next, "big", root)
			next = 30
			return err
		}, 2, 2, 0, 1 + 5*2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w.forget()
			for i, most := range []int{row.cold, row.warm} {
				line := &requestlog.Record{}
				if err := row.do(requestlog.With(t.Context(), line)); err != nil {
					t.Fatal(err)
				}
				reads, writes := line.Units()
				if line.Calls() > most || i == 1 && (reads > row.reads || writes > row.writes) {
					t.Errorf("request %d: %d calls, want at most %d; %v read and %v write units, want %v and %v",
						i+1, line.Calls(), most, reads, writes, row.reads, row.writes)
				}
			}
		})
	}
}
