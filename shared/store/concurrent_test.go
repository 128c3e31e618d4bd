package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"postern/shared/directory"
	"postern/shared/storetest"
	storetable "postern/shared/table"
)

func TestDocumentsAppliedAtOnceLeaveTheTableSound(t *testing.T) {
	rename := func(id int, name string) m {
		return m{"users": l{m{"id": id, "username": name, "email": name + "@example.com"}}}
	}
	tests := []struct {
		name      string
		documents []m
		refused   int // how many may at most be refused, for a mistake or a conflict
	}{
		{"the same document", []m{full(t), full(t), full(t)}, 0},
		{"one username for two users", []m{rename(1, "zoe"), rename(2, "zoe"), rename(3, "zoe")}, 2},
		{"a user is removed and gets a key", []m{
			{"remove": m{"users": l{m{"id": 2}}}},
			{"keys": l{m{"id": 300, "user_id": 2, "title": "k", "key": key(t, 30)}}},
			{"keys": l{m{"id": 301, "user_id": 2, "title": "k", "key": key(t, 31)}}},
		}, 2},
		{"a group is removed and gets projects", []m{
			{"remove": m{"namespaces": l{m{"id": 21}}}},
			{"projects": l{m{"id": 70, "namespace_id": 21, "path": "a"}, m{"id": 71, "namespace_id": 22, "path": "b"}}},
			{"namespaces": l{m{"id": 72, "kind": "group", "path": "c", "parent_id": 22}}},
		}, 2},
		{"rules of one project", []m{
			{"protected_branches": l{m{"project_id": 7, "name": "a"}}},
			{"protected_branches": l{m{"project_id": 7, "name": "b"}}},
			{"protected_tags": l{m{"project_id": 7, "name": "c"}}},
			{"remove": m{"protected_branches": l{m{"project_id": 7, "name": "main"}}}},
		}, 0},
		{"groups change places", []m{
			{"namespaces": l{m{"id": 21, "parent_id": nil}, m{"id": 20, "parent_id": 21}}},
			{"namespaces": l{m{"id": 22, "parent_id": nil}, m{"id": 21, "path": "crew"}}},
		}, 1},
		{"groups are moved below each other", []m{
			{"namespaces": l{m{"id": 22, "parent_id": 23}}}, {"namespaces": l{m{"id": 23, "parent_id": 22}}},
		}, 1},
		{"settings", []m{
			{"instance": m{"lfs_token_ttl": 60}},
			{"instance": m{"ssh_port": 2222}},
			{"storages": l{m{"name": "c", "address": "unix:/c"}}},
			{"remove": m{"storages": l{m{"name": "c"}}}},
		}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, table := storetest.Open(t)
			mustApply(t, client, table, full(t))
			mustApply(t, client, table, m{"namespaces": l{m{"id": 23, "kind": "group", "path": "far"}}})
			refused := atOnce(t, client, table, test.documents)
			if refused > test.refused {
				t.Errorf("%d documents were refused, at most %d should", refused, test.refused)
			}
			sound(t, client, table, "after all")
		})
	}
}

// atOnce applies documents at the same time and returns how many were refused.
func atOnce(t *testing.T, client storetable.API, table string, documents []m) int {
	t.Helper()
	var wg sync.WaitGroup
	results := make([]directory.Result, len(documents))
	errs := make([]error, len(documents))
	for i, document := range documents {
		wg.Go(func() { results[i], errs[i] = apply(t, client, table, document) })
	}
	wg.Wait()
	refused := 0
	for i, err := range errs {
		switch {
		case errors.Is(err, storetable.ErrConflict):
			t.Log(fmt.Sprintf("document %d:", i), err)
			refused++
		case err != nil:
			t.Errorf("document %d: %v", i, err)
		case len(results[i].Mistakes) > 0:
			refused++
		}
	}
	return refused
}
