package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
	"postern/shared/store"
)

var root = store.Author{UserID: 1, RequestID: "r-1"}

// exclude frees a namespace.
func (w *world) exclude(ns gitlab.ID, reason string) gitlab.ID {
	w.t.Helper()
	made, err := w.writer.CreateExclusion(w.t.Context(), ns, reason, root)
	if err != nil {
		w.t.Fatalf("CreateExclusion: %v", err)
	}
	return made.ID
}

// include puts a namespace below the limit again.
func (w *world) include(ns gitlab.ID) {
	w.t.Helper()
	c, err := w.writer.LoadExclusionContext(w.t.Context(), fmt.Sprint(ns))
	if err != nil || c.Exclusion == nil {
		w.t.Fatalf("LoadExclusionContext: %+v %v", c, err)
	}
	if err := w.writer.RemoveExclusion(w.t.Context(), &c, root); err != nil {
		w.t.Fatalf("RemoveExclusion: %v", err)
	}
}

func TestLoadExclusionContext(t *testing.T) {
	w := newWorld(t, small)
	w.exclude(20, "big")
	rows := []struct {
		name, asked string
		namespace   gitlab.ID // 0 for none
		excluded    bool
	}{
		{"by number", "20", 20, true},
		{"by path", "acme", 20, true},
		{"by path in other letters", "ACME", 20, true},
		{"one that is not excluded", "30", 30, false},
		{"a group below another", "21", 21, false},
		{"a group below another, by path", "acme/web", 21, false},
		{"a personal namespace", "ann", 1_000_000_000_001, false},
		{"a project is none", "acme/app", 0, false},
		{"an unknown number", "99", 0, false},
		{"an unknown path", "nothing", 0, false},
		{"a number that is none", "0", 0, false},
		{"a number that is too large", "99999999999999999999", 0, false},
		{"no name", "", 0, false},
		{"a name that no key can have", strings.Repeat("x", 3000), 0, false},
		{"a name that is no text", "a\xff", 0, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c, err := w.reader.LoadExclusionContext(t.Context(), row.asked)
			if err != nil {
				t.Fatal(err)
			}
			found := gitlab.ID(0)
			if c.Namespace != nil {
				found = c.Namespace.ID
			}
			if found != row.namespace || (c.Exclusion != nil) != row.excluded {
				t.Errorf("namespace %d, exclusion %v", found, c.Exclusion)
			}
		})
	}
}

func TestExclusionsAreMadeOnce(t *testing.T) {
	w := newWorld(t, small)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = w.writer.CreateExclusion(t.Context(), 20, "big", root) })
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		switch {
		case err == nil:
			made++
		case !errors.Is(err, store.ErrConflict):
			t.Errorf("another error: %v", err)
		}
	}
	page, err := w.reader.ListExclusions(t.Context(), 0, 20)
	if err != nil || made != 1 || page.Total != 1 || len(page.Exclusions) != 1 {
		t.Errorf("%d were told that they made one, %+v, %v", made, page, err)
	}
}

func TestExclusionsOfWhatIsNotThere(t *testing.T) {
	w := newWorld(t, small)
	if _, err := w.writer.CreateExclusion(t.Context(), 99, "big", root); !errors.Is(err, store.ErrConflict) {
		t.Errorf("of an unknown namespace: %v", err)
	}
	w.exclude(20, "big")
	c, err := w.reader.LoadExclusionContext(t.Context(), "20")
	if err != nil {
		t.Fatal(err)
	}
	w.apply(`{"storage_limit_exclusions":[{"namespace_id":20,"reason":"other"}]}`)
	if err := w.writer.RemoveExclusion(t.Context(), &c, root); !errors.Is(err, store.ErrConflict) {
		t.Errorf("of one that has changed: %v", err)
	}
	w.include(20)
	if err := w.writer.RemoveExclusion(t.Context(), &c, root); !errors.Is(err, store.ErrConflict) {
		t.Errorf("of one that is gone: %v", err)
	}
}

// An id is given out once, by the API as by documents, also of what was removed.
func TestExclusionIDsAreGivenOutOnce(t *testing.T) {
	w := newWorld(t, small)
	first := w.exclude(20, "big")
	w.include(20)
	second := w.exclude(20, "big")
	w.apply(`{"storage_limit_exclusions":[{"namespace_id":30,"reason":"big"}]}`)
	page, err := w.reader.ListExclusions(t.Context(), 0, 20)
	if err != nil || len(page.Exclusions) != 2 {
		t.Fatalf("%+v %v", page, err)
	}
	third := page.Exclusions[1].ID
	if first >= second || second >= third || page.Exclusions[1].NamespaceID != 30 {
		t.Errorf("ids %d, %d and %d", first, second, third)
	}
}

func TestAnExclusionGoesWithItsNamespace(t *testing.T) {
	w := newWorld(t, small)
	w.exclude(30, "big")
	w.exclude(20, "big")
	w.apply(`{"remove":{"projects":[{"id":9}],"namespaces":[{"id":30}]}}`)
	page, err := w.reader.ListExclusions(t.Context(), 0, 20)
	if err != nil || page.Total != 1 || len(page.Exclusions) != 1 || page.Exclusions[0].NamespaceName != "acme" {
		t.Errorf("%+v %v", page, err)
	}
}

func TestChangesOfExclusionsAreAudited(t *testing.T) {
	w := newWorld(t, small)
	began := time.Now()
	w.exclude(20, "big")
	w.exclude(30, "other")
	w.include(20)
	got, err := w.reader.AuditedChanges(t.Context(), "20", began, time.Now(), 10)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	const record = `{"namespace_id":20,"reason":"big","id":1}`
	for i, want := range []store.AuditedChange{
		{Tenant: "20", UserID: 1, Action: "storage_limit_exclusion_created", After: record, RequestID: "r-1"},
		{Tenant: "20", UserID: 1, Action: "storage_limit_exclusion_removed", Before: record, RequestID: "r-1"},
	} {
		if got[i].At.Before(began.Truncate(time.Second)) || got[i].At.After(time.Now()) {
			t.Errorf("at %v", got[i].At)
		}
		want.At = got[i].At
		if got[i] != want {
			t.Errorf("got %+v, want %+v", got[i], want)
		}
	}
	if late, err := w.reader.AuditedChanges(t.Context(), "20", time.Now(), time.Now().Add(time.Hour), 10); err != nil || len(late) > 0 {
		t.Errorf("later: %+v %v", late, err)
	}
}

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
		if _, err := w.writer.NextID(w.t.Context(), store.KindExclusion); err != nil {
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
