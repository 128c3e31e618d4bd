package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/audit"
	"postern/shared/table"
)

var root = audit.Author{UserID: 1, RequestID: "r-1"}

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
		case !errors.Is(err, table.ErrConflict):
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
	if _, err := w.writer.CreateExclusion(t.Context(), 99, "big", root); !errors.Is(err, table.ErrConflict) {
		t.Errorf("of an unknown namespace: %v", err)
	}
	w.exclude(20, "big")
	c, err := w.reader.LoadExclusionContext(t.Context(), "20")
	if err != nil {
		t.Fatal(err)
	}
	w.apply(`{"storage_limit_exclusions":[{"namespace_id":20,"reason":"other"}]}`)
	if err := w.writer.RemoveExclusion(t.Context(), &c, root); !errors.Is(err, table.ErrConflict) {
		t.Errorf("of one that has changed: %v", err)
	}
	w.include(20)
	if err := w.writer.RemoveExclusion(t.Context(), &c, root); !errors.Is(err, table.ErrConflict) {
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
	for i, want := range []audit.AuditedChange{
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
