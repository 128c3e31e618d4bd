package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/lookup"
	"postern/shared/store/pushes"
	"postern/shared/store/record"
	"postern/shared/storetest"
	"postern/shared/table"
)

func TestTouchKey(t *testing.T) {
	client, table := storetest.Open(t)
	now := newClock()
	api := &writes{API: client}
	s := store.New(api, table, now.now)
	loadInto(t, s, small)
	ago := func(d time.Duration) *time.Time { at := now.now().Add(-d); return &at }
	rows := []struct {
		name  string
		used  *time.Time
		calls int64
	}{
		{"never used", nil, 1},
		{"a day ago", ago(24 * time.Hour), 1},
		{"an hour ago", ago(time.Hour), 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api.updates.Store(0)
			if err := s.TouchKey(t.Context(), &gitlab.Key{ID: 11, LastUsedAt: row.used}); err != nil {
				t.Fatalf("TouchKey: %v", err)
			}
			if got := api.updates.Load(); got != row.calls {
				t.Errorf("%d writes, want %d", got, row.calls)
			}
		})
	}
	actor, err := s.LoadActor(t.Context(), byKey(11))
	if err != nil || actor.Key.LastUsedAt == nil || !actor.Key.LastUsedAt.Equal(now.now()) {
		t.Errorf("last_used_at %v, %v; want %v", actor.Key.LastUsedAt, err, now.now())
	}
}

func TestTouchUser(t *testing.T) {
	client, table := storetest.Open(t)
	now := newClock()
	s := store.New(client, table, now.now)
	loadInto(t, s, small)
	for _, want := range []gitlab.Date{"2054-01-02", "2054-01-03"} {
		actor, err := s.LoadActor(t.Context(), byKey(11))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.TouchUser(t.Context(), actor.User); err != nil {
			t.Fatalf("TouchUser: %v", err)
		}
		if actor, err = s.LoadActor(t.Context(), byKey(11)); err != nil || actor.User.LastActivityOn != want {
			t.Errorf("last_activity_on %q, %v; want %q", actor.User.LastActivityOn, err, want)
		}
		now.add(24 * time.Hour)
	}
}

// What is written beside a request survives a document that was read before it, and does not make it fail.
func TestTouchedAttributesSurviveDocuments(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	loadInto(t, s, small)
	if err := s.TouchKey(t.Context(), &gitlab.Key{ID: 11}); err != nil {
		t.Fatal(err)
	}
	loadInto(t, s, `{"keys":[{"id":11,"title":"another"}]}`)
	actor, err := s.LoadActor(t.Context(), byKey(11))
	if err != nil || actor.Key.LastUsedAt == nil || actor.Key.Title != "another" {
		t.Errorf("key %+v, %v; want the new title and the old last_used_at", actor.Key, err)
	}
}

func TestTouchOfWhatIsGoneMakesNothing(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	if err := s.TouchKey(t.Context(), &gitlab.Key{ID: 404}); err != nil {
		t.Fatalf("TouchKey: %v", err)
	}
	if actor, err := s.LoadActor(t.Context(), byKey(404)); err != nil || actor.Key != nil {
		t.Errorf("key %+v, %v; want none", actor.Key, err)
	}
}

func TestCreateProject(t *testing.T) {
	w := newWorld(t, small)
	push := lookup.PushQuery{Actor: byKey(11), Path: "ann/Fresh", Push: true}
	c := w.load(push)
	made, err := w.reader.CreateProject(t.Context(), pushes.NewProject{Path: "Fresh", Parent: c.Parent, Creator: c.Actor.User})
	if err != nil {
		t.Fatalf("CreateProject: %v", err)
	}
	if made.Project.ID < record.FirstID || made.Project.Visibility != gitlab.Private || made.FullPath() != "ann/Fresh" {
		t.Errorf("project %+v at %s, want a private one with an id of the service's own at ann/Fresh", made.Project, made.FullPath())
	}
	if got := place(w.load(push)); got != "ann/Fresh" {
		t.Errorf("the path leads to %s, want ann/Fresh", got)
	}
	_, err = w.reader.CreateProject(t.Context(), pushes.NewProject{Path: "fresh", Parent: c.Parent, Creator: c.Actor.User})
	if !errors.Is(err, table.ErrConflict) {
		t.Errorf("the same path in other letters: %v, want a conflict", err)
	}
}

// A repository is due from the push that makes its project until the storage has it, whatever documents say meanwhile.
func TestRepositoryDue(t *testing.T) {
	w := newWorld(t, small)
	push := lookup.PushQuery{Actor: byKey(11), Path: "ann/fresh", Push: true}
	c := w.load(push)
	made, err := w.reader.CreateProject(t.Context(), pushes.NewProject{Path: "fresh", Parent: c.Parent, Creator: c.Actor.User})
	if err != nil || !made.Project.RepositoryDue || made.Project.HasWikiRepository() {
		t.Fatalf("CreateProject: %+v, %v", made, err)
	}
	w.apply(fmt.Sprintf(`{"projects":[{"id":%d,"name":"renamed"}]}`, made.Project.ID))
	if p := w.load(push).Container.Project; !p.RepositoryDue || p.Name != "renamed" {
		t.Errorf("after a document: %+v", p)
	}
	for range 2 { // the second time there is nothing to note
		if err := w.writer.RepositoriesMade(t.Context(), made.Project.ID, pushes.Repositories{Code: true, Wiki: true}); err != nil {
			t.Fatalf("RepositoriesMade: %v", err)
		}
		if p := w.load(push).Container.Project; p.RepositoryDue || !p.EmptyRepo || !p.HasWikiRepository() {
			t.Errorf("once it is made: %+v", p)
		}
	}
	if err := w.writer.RepositoriesMade(t.Context(), 404, pushes.Repositories{Wiki: true}); err != nil {
		t.Errorf("of a project that is gone: %v", err)
	}
}

func TestCreateProjectKeepsTheLimit(t *testing.T) {
	for limit, want := range map[int64]error{0: pushes.ErrLimit, 1: pushes.ErrLimit, 2: nil} {
		w := newWorld(t, small)
		c := w.load(lookup.PushQuery{Actor: byKey(11), Path: "ann/a", Push: true})
		w.apply(`{"projects":[{"id":60,"namespace_id":1000000000001,"path":"first"}]}`)
		c.Actor.User.ProjectsLimit = limit
		_, err := w.reader.CreateProject(t.Context(), pushes.NewProject{Path: "a", Parent: c.Parent, Creator: c.Actor.User})
		if !errors.Is(err, want) {
			t.Errorf("limit %d: %v, want %v", limit, err, want)
		}
	}
}

func TestCreateProjectOnceForManyAtOnce(t *testing.T) {
	w := newWorld(t, small)
	c := w.load(lookup.PushQuery{Actor: byKey(11), Path: "acme/many", Push: true})
	var wg sync.WaitGroup
	results := make(chan error, 16)
	for range cap(results) {
		wg.Go(func() {
			_, err := w.writer.CreateProject(context.Background(), pushes.NewProject{Path: "many", Parent: c.Parent, Creator: c.Actor.User})
			results <- err
		})
	}
	wg.Wait()
	close(results)
	made := 0
	for err := range results {
		switch {
		case err == nil:
			made++
		case !errors.Is(err, table.ErrConflict):
			t.Errorf("error %v, want a conflict", err)
		}
	}
	if made != 1 {
		t.Errorf("%d created, want 1", made)
	}
}

func loadInto(t *testing.T, s *store.Store, document string) {
	t.Helper()
	w := &world{t: t, writer: s}
	w.apply(document)
}
