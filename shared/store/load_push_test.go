package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/directory"
	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/lookup"
	"postern/shared/storetest"
	"postern/shared/table"
)

// counting counts what is asked of the table.
type counting struct {
	table.API
	mu    sync.Mutex // some functions ask several batches at once
	calls int
	items int
}

// count notes a call, and how many items it asks for.
func (c *counting) count(items int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls, c.items = c.calls+1, c.items+items
}

func (c *counting) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	items := 0
	for _, keys := range in.RequestItems {
		items += len(keys.Keys)
	}
	c.count(items)
	return c.API.BatchGetItem(ctx, in, o...)
}

func (c *counting) Query(
	ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	c.count(0)
	return c.API.Query(ctx, in, o...)
}

func (c *counting) reset() { c.calls, c.items = 0, 0 }

// world is a table with a reader that remembers hints, and a writer of its own that changes things behind its back.
type world struct {
	t      testing.TB
	table  string
	count  *counting
	reader *store.Store
	writer *store.Store
}

func newWorld(t testing.TB, document string) *world {
	t.Helper()
	client, table := storetest.Open(t)
	count := &counting{API: client}
	w := &world{t: t, table: table, count: count, writer: store.New(client, table, time.Now)}
	w.forget()
	w.apply(document)
	return w
}

// forget gives the reader a cold start.
func (w *world) forget() { w.reader = store.New(w.count, w.table, time.Now) }

func (w *world) apply(document string) {
	w.t.Helper()
	result, err := directory.Load(w.t.Context(), w.writer, []byte(document))
	if err != nil {
		w.t.Fatalf("apply: %v", err)
	}
	for _, m := range result.Mistakes {
		w.t.Fatalf("apply: %s: %s", m.Place, m.Message)
	}
}

func (w *world) load(q lookup.PushQuery) lookup.PushContext {
	w.t.Helper()
	w.count.reset()
	loaded, err := w.reader.LoadPushContext(w.t.Context(), q)
	if err != nil {
		w.t.Fatalf("LoadPushContext: %v", err)
	}
	return loaded
}

// place says where a query led: the project's full path, and the old path when it has moved.
func place(c lookup.PushContext) string {
	if c.Container == nil {
		return "nothing"
	}
	if c.Container.RedirectedPath != "" {
		return fmt.Sprintf("%s moved from %s", c.Container.FullPath(), c.Container.RedirectedPath)
	}
	return c.Container.FullPath()
}

const small = `{
 "users": [
  {"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"},
  {"id": 2, "username": "bob", "name": "Bob", "email": "bob@example.com"}],
 "keys": [
  {"id": 11, "user_id": 1, "title": "a", "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH66SyPc4kSb9GVSBiN221DEwck3wqeApf3u6cKh4A+B"},
  {"id": 12, "user_id": 2, "title": "b", "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEOUoqVhRHhocfH9qs9uJC3Et83kX9jy0YvYlCdp6Yp5"}],
 "namespaces": [
  {"id": 20, "kind": "group", "path": "acme"},
  {"id": 21, "kind": "group", "path": "web", "parent_id": 20},
  {"id": 22, "kind": "group", "path": "api", "parent_id": 21},
  {"id": 30, "kind": "group", "path": "beta"}],
 "projects": [
  {"id": 7, "namespace_id": 20, "path": "app", "redirects": ["acme/oldname"]},
  {"id": 8, "namespace_id": 22, "path": "deep"},
  {"id": 9, "namespace_id": 30, "path": "app"}],
 "deploy_keys": [{"id": 201, "creator_id": 1, "title": "d",
   "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILn5OLZ3d+C3KSOXFc27tbitByZmK7o5fELsg410NvJc",
   "projects": [{"project_id": 7, "can_push": true}]}],
 "snippets": [{"id": 31, "author_id": 1}, {"id": 32, "author_id": 1, "project_id": 7}],
 "members": [
  {"user_id": 1, "project_id": 7, "access_level": 30},
  {"user_id": 1, "namespace_id": 20, "access_level": 20},
  {"user_id": 1, "namespace_id": 21, "access_level": 40},
  {"user_id": 2, "project_id": 7, "access_level": 10}]
}`

func byKey(id gitlab.ID) gitlab.ActorRef { return gitlab.ActorRef{Kind: gitlab.ByKey, ID: id} }

func TestLoadPushContextBudget(t *testing.T) {
	w := newWorld(t, small)
	repository := gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 8}
	rows := []struct {
		name       string
		query      lookup.PushQuery
		want       string
		cold, warm int // calls
		items      int // items asked for when warm
	}{
		{"one level", lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}, "acme/app", 2, 1, 5 + 2},
		{"three levels", lookup.PushQuery{Actor: byKey(11), Path: "acme/web/api/deep"}, "acme/web/api/deep", 2, 1, 5 + 2*3},
		{"a push", lookup.PushQuery{Actor: byKey(11), Path: "beta/app", Push: true}, "beta/app", 2, 1, 5 + 2},
		{"by gl_repository", lookup.PushQuery{Actor: byKey(12), Repository: &repository}, "acme/web/api/deep", 2, 1, 5 + 2*3},
		{"by username", lookup.PushQuery{Actor: gitlab.ActorRef{Kind: gitlab.ByUsername, Login: "ANN"}, Path: "acme/app"}, "acme/app", 2, 1, 4 + 2},
		{"a deploy key", lookup.PushQuery{Actor: byKey(201), Path: "acme/app"}, "acme/app", 2, 1, 5 + 1},
		{"nobody", lookup.PushQuery{Path: "acme/app"}, "acme/app", 2, 1, 2 + 1},
		{"an unknown key", lookup.PushQuery{Actor: byKey(999), Path: "acme/app"}, "acme/app", 2, 1, 3 + 1},
		{"a personal snippet", lookup.PushQuery{Actor: byKey(11), Path: "snippets/31"}, "snippets/31", 3, 1, 9},
		{"an old path", lookup.PushQuery{Actor: byKey(11), Path: "acme/oldname"}, "acme/app moved from acme/oldname", 3, 1, 5 + 2 + 3},
		{"a path deeper than any", lookup.PushQuery{Actor: byKey(11), Path: strings.Repeat("a/", 400) + "b"}, "nothing", 2, 1, 3},
		{"nothing", lookup.PushQuery{Actor: byKey(11), Path: "acme/nothing"}, "nothing", 2, 1, 6},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w.forget()
			if got := place(w.load(row.query)); got != row.want {
				t.Errorf("cold: led to %s, want %s", got, row.want)
			}
			if w.count.calls > row.cold {
				t.Errorf("cold: %d calls, want at most %d", w.count.calls, row.cold)
			}
			if got := place(w.load(row.query)); got != row.want {
				t.Errorf("warm: led to %s, want %s", got, row.want)
			}
			if w.count.calls > row.warm || w.count.items > row.items {
				t.Errorf("warm: %d calls for %d items, want at most %d for %d", w.count.calls, w.count.items, row.warm, row.items)
			}
		})
	}
}
