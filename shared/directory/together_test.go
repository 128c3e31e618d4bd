package directory_test

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"

	"postern/shared/directory"
	storedocument "postern/shared/directory/document"
	"postern/shared/gitlab"
	storetable "postern/shared/table"
)

// applyTogether applies two documents at once, each as often as it ends with a conflict, as their authors would.
func (tab table) applyTogether(documents ...string) []directory.Result {
	results := make([]directory.Result, len(documents))
	var all sync.WaitGroup
	for i, document := range documents {
		source := storedocument.Bytes(keys(tab.t, document))
		all.Go(func() {
			err := storetable.ErrConflict
			for range 5 {
				if !errors.Is(err, storetable.ErrConflict) {
					break
				}
				results[i], err = directory.Apply(tab.t.Context(), tab.Store, source, directory.Options{Now: today, Workers: 2})
			}
			if err != nil {
				tab.t.Errorf("document %d: %v", i, err)
			}
		})
	}
	all.Wait()
	return results
}

// fifty repeats a record for the ids from 100 on.
func fifty(record string) string { return "[" + numbered(50, record) + "]" }

func TestTwoDocumentsAtOnce(t *testing.T) {
	users := `{"users": ` + fifty(`{"id": %d, "username": "u%d", "name": "N", "email": "u%d@example.com"}`) + `}`
	tests := []struct {
		name, first, second string
		check               func(tab table)
	}{
		{"the same new users are made once", users, users, func(tab table) {
			for i := range 50 {
				if got := tab.userNamed("u" + strconv.Itoa(100+i)); got != gitlab.ID(100+i) {
					tab.t.Errorf("u%d is user %d", 100+i, got)
				}
			}
		}},
		{
			"fields of the same records are both kept",
			`{"projects": [{"id": 7, "archived": true}, {"id": 8, "archived": true}]}`,
			`{"projects": [{"id": 7, "empty_repo": true}, {"id": 8, "empty_repo": true}]}`,
			func(tab table) {
				for _, id := range []gitlab.ID{7, 8} {
					holds(tab.t, tab.get(projectRecord(id)), `{"archived": true, "empty_repo": true}`)
				}
			},
		},
		{
			"rules of one project are all kept",
			`{"protected_tags": ` + fifty(`{"project_id": 8, "name": "a%d"}`) + `}`,
			`{"protected_tags": ` + fifty(`{"project_id": 8, "name": "b%d"}`) + `}`,
			func(tab table) {
				if n := len(tab.rules(false)); n != 100 {
					tab.t.Errorf("%d rules are kept", n)
				}
			},
		},
		{
			"settings and storages are both kept",
			`{"instance": {"lfs_token_ttl": 60}}`, `{"storages": [{"name": "new", "address": "unix:/new"}]}`,
			func(tab table) {
				s, err := tab.LoadSettings(tab.t.Context())
				if err != nil || s.LFSTokenTTL != 60 || s.Storages["new"].Address != "unix:/new" {
					tab.t.Errorf("settings are %+v, %v", s, err)
				}
			},
		},
		{
			"a name has one owner", `{"users": [{"id": 1, "username": "zoe"}]}`, `{"users": [{"id": 2, "username": "zoe"}]}`,
			func(tab table) {
				owner := tab.userNamed("zoe")
				other := map[gitlab.ID]string{1: "bob", 2: "ann"}[owner]
				if other == "" || tab.userNamed(other) != 3-owner {
					tab.t.Errorf("zoe is user %d", owner)
				}
			},
		},
		{
			"groups do not end up below each other",
			`{"namespaces": [{"id": 20, "parent_id": 21}]}`, `{"namespaces": [{"id": 21, "parent_id": 20}]}`,
			func(tab table) {
				first, second := fields(tab.t, tab.get(groupRecord(20))), fields(tab.t, tab.get(groupRecord(21)))
				if (first["parent_id"] == nil) == (second["parent_id"] == nil) {
					tab.t.Errorf("both moved, or none: %v %v", first, second)
				}
			},
		},
		{
			"a project is removed with what is made in it", `{"remove": {"projects": [{"id": 7}]}}`,
			`{"snippets": ` + fifty(`{"id": %d, "author_id": 1, "project_id": 7}`) + `}`,
			func(tab table) {
				for i := range 50 {
					if tab.get(projectRecord(7)) != "" || tab.get(snippetRecord(gitlab.ID(100+i))) != "" {
						tab.t.Fatalf("snippet %d is there without its project", 100+i)
					}
				}
			},
		},
		{
			"the same removal is done once", `{"remove": {"users": [{"id": 2}]}}`, `{"remove": {"users": [{"id": 2}]}}`,
			func(tab table) {
				if tab.get(userRecord(2)) != "" || tab.userNamed("bob") != 0 {
					tab.t.Error("the user is there")
				}
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tab := opened(t, ground)
			for _, result := range tab.applyTogether(test.first, test.second) {
				for _, m := range result.Mistakes { // what the other document did first
					if !strings.Contains(m.Message, "taken") && !strings.Contains(m.Message, "does not exist") &&
						!strings.Contains(m.Message, "lead back") {
						t.Errorf("%+v", m)
					}
				}
			}
			test.check(tab)
		})
	}
}
