package directory_test

import (
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// paths is a document with a project at acme/team/app and one of ann's.
const paths = `{
	"users": [
		{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"},
		{"id": 2, "username": "bob", "name": "Bob", "email": "bob@example.com"}],
	"namespaces": [
		{"id": 20, "kind": "group", "path": "acme"},
		{"id": 21, "kind": "group", "path": "team", "parent_id": 20},
		{"id": 22, "kind": "group", "path": "other"}],
	"projects": [
		{"id": 7, "namespace_id": 21, "path": "app", "redirects": ["acme/old"]},
		{"id": 8, "namespace_id": 20, "path": "lib"},
		{"id": 9, "namespace_id": 1000000000001, "path": "own"}]
}`

// where is what a path should lead to.
type where struct {
	path  string
	id    gitlab.ID
	moved bool
}

func TestPathsAfterADocument(t *testing.T) {
	tests := []struct {
		name, document string
		want           []where
	}{
		{"as loaded", `{}`, []where{
			{"acme/team/app", 7, false}, {"ACME/Team/App", 7, false}, {"acme/old", 7, true}, {"ann/own", 9, false}, {"acme/app", 0, false},
		}},
		{"project renamed", `{"projects": [{"id": 7, "path": "web"}]}`, []where{
			{"acme/team/web", 7, false}, {"acme/team/app", 7, true},
		}},
		{"project moved", `{"projects": [{"id": 7, "namespace_id": 22}]}`, []where{
			{"other/app", 7, false}, {"acme/team/app", 7, true}, {"acme/old", 7, true},
		}},
		{
			"project moved, and another one made where it was",
			`{"projects": [{"id": 7, "namespace_id": 22}, {"id": 10, "namespace_id": 21, "path": "app"}]}`,
			[]where{
				{"other/app", 7, false}, {"acme/team/app", 10, false},
			},
		},
		{"top-level group renamed", `{"namespaces": [{"id": 20, "path": "ajax"}]}`, []where{
			{"ajax/team/app", 7, false}, {"acme/team/app", 7, true}, {"ajax/lib", 8, false}, {"acme/lib", 8, true},
		}},
		{"nested group renamed", `{"namespaces": [{"id": 21, "path": "crew"}]}`, []where{
			{"acme/crew/app", 7, false}, {"acme/team/app", 7, true},
		}},
		{"group moved", `{"namespaces": [{"id": 21, "parent_id": 22}]}`, []where{
			{"other/team/app", 7, false}, {"acme/team/app", 7, true},
		}},
		{"group moved to the top", `{"namespaces": [{"id": 21, "parent_id": null}]}`, []where{
			{"team/app", 7, false}, {"acme/team/app", 7, true},
		}},
		{
			"group and the one above it change places",
			`{"namespaces": [{"id": 21, "parent_id": null}, {"id": 20, "parent_id": 21}]}`,
			[]where{
				{"team/app", 7, false}, {"team/acme/lib", 8, false},
			},
		},
		{
			"group wrapped by a new one of its name",
			`{"namespaces": [{"id": 20, "parent_id": 30, "path": "core"}, {"id": 30, "kind": "group", "path": "acme"}]}`,
			[]where{
				{"acme/core/lib", 8, false}, {"acme/core/team/app", 7, false},
			},
		},
		{"username changed", `{"users": [{"id": 1, "username": "anna"}]}`, []where{
			{"anna/own", 9, false}, {"ann/own", 9, true},
		}},
		{"only the case of a username changed", `{"users": [{"id": 1, "username": "Ann"}]}`, []where{{"ann/own", 9, false}}},
		{"usernames swapped", `{"users": [{"id": 1, "username": "bob"}, {"id": 2, "username": "ann"}]}`, []where{
			{"bob/own", 9, false},
		}},
		{"redirects replaced", `{"projects": [{"id": 7, "redirects": ["gone/far"]}]}`, []where{
			{"gone/far", 7, true}, {"acme/old", 0, false},
		}},
		{"project removed", `{"remove": {"projects": [{"id": 7}]}}`, []where{{"acme/team/app", 0, false}, {"acme/old", 0, false}}},
		{"group removed", `{"remove": {"namespaces": [{"id": 20}]}}`, []where{
			{"acme/team/app", 0, false}, {"acme/lib", 0, false}, {"ann/own", 9, false},
		}},
		{
			"project moved out of a group that is removed",
			`{"projects": [{"id": 7, "namespace_id": 22}], "remove": {"namespaces": [{"id": 20}]}}`,
			[]where{
				{"other/app", 7, false}, {"acme/lib", 0, false},
			},
		},
		{
			"user removed, and another one takes the name",
			`{"users": [{"id": 3, "username": "ann", "name": "A", "email": "ann@example.com"}], "remove": {"users": [{"id": 1}]}}`,
			[]where{{"ann/own", 0, false}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tab := opened(t, paths, test.document)
			for _, w := range test.want {
				if id, moved := tab.at(w.path); id != w.id || moved != w.moved {
					t.Errorf("%s leads to %d (moved %v), want %d (moved %v)", w.path, id, moved, w.id, w.moved)
				}
			}
		})
	}
}

func TestMovingAGroupWritesItsOwnRecordOnly(t *testing.T) {
	tab := opened(t, paths)
	before := tab.get(record.ProjectRecord(&record.PlacedProject{Project: gitlab.Project{ID: 7}}))
	counts := tab.applied(`{"namespaces": [{"id": 20, "path": "ajax"}]}`)
	if len(counts) != 1 || counts["namespaces"].Updated != 1 {
		t.Errorf("counted %+v", counts)
	}
	if after := tab.get(record.ProjectRecord(&record.PlacedProject{Project: gitlab.Project{ID: 7}})); after != before {
		t.Errorf("a project below was written: %s", after)
	}
}

func TestUniqueValuesChangeHands(t *testing.T) {
	tests := []struct {
		name, document string
		names          map[string]gitlab.ID
	}{
		{"swapped", `{"users": [{"id": 1, "username": "bob", "email": "bob@example.com"},
			{"id": 2, "username": "ann", "email": "ann@example.com"}]}`, map[string]gitlab.ID{"ann": 2, "bob": 1}},
		{
			"handed on", `{"users": [{"id": 1, "username": "bob"}, {"id": 2, "username": "carl"}]}`,
			map[string]gitlab.ID{"ann": 0, "bob": 1, "carl": 2},
		},
		{
			"handed on, the other way round", `{"users": [{"id": 2, "username": "carl"}, {"id": 1, "username": "bob"}]}`,
			map[string]gitlab.ID{"ann": 0, "bob": 1, "carl": 2},
		},
		{"handed to a new user", `{"users": [{"id": 3, "username": "ann", "name": "N", "email": "n@example.com"},
			{"id": 1, "username": "old-ann"}]}`, map[string]gitlab.ID{"ann": 3, "old-ann": 1}},
		{"inherited from a removed user", `{"users": [{"id": 2, "username": "ann", "email": "ann@example.com"}],
			"remove": {"users": [{"id": 1}]}}`, map[string]gitlab.ID{"ann": 2, "bob": 0, "removed-user-1": 0}},
		{"a group takes a username", `{"users": [{"id": 1, "username": "anna"}],
			"namespaces": [{"id": 40, "kind": "group", "path": "ann"}]}`, map[string]gitlab.ID{"ann": 0, "anna": 1}},
		{"a user takes a group's path", `{"users": [{"id": 3, "username": "other", "name": "N", "email": "n@example.com"}],
			"namespaces": [{"id": 22, "path": "others"}]}`, map[string]gitlab.ID{"other": 3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tab := opened(t, paths, test.document)
			for name, want := range test.names {
				if got := tab.userNamed(name); got != want {
					t.Errorf("%s is user %d, want %d", name, got, want)
				}
				if want == 0 {
					continue
				}
				ns := tab.user(want).NamespaceID
				record := tab.get(record.NamespaceRecord(&record.PlacedNamespace{Namespace: gitlab.Namespace{ID: ns}}))
				holds(t, record, `{"path": "`+name+`"}`)
			}
		})
	}
}

func TestAHandOverThatCannotBeDoneAtOnceIsRefused(t *testing.T) {
	var users, renamed string
	for _, i := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"} {
		users += `,{"id": 10` + i + `, "username": "user-` + i + `", "name": "N", "email": "` + i + `@example.com"}`
	}
	for i, next := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "0"} {
		renamed += `,{"id": 10` + []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}[i] + `, "username": "user-` + next + `"}`
	}
	tests := []struct{ name, document, want string }{
		{"too many", `{"users": [` + renamed[1:] + `]}`, "users[0]: hands over unique values among too many records at once"},
		{
			"what comes later", `{"namespaces": [
			{"id": 40, "kind": "group", "path": "acme"}, {"id": 20, "parent_id": 42, "path": "core"},
			{"id": 41, "kind": "group", "path": "new"}, {"id": 42, "kind": "group", "path": "newer", "parent_id": 41}]}`,
			"namespaces[1].parent_id: must not name namespaces[3]",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tab := opened(t, paths, `{"users": [`+users[1:]+`]}`)
			compare(t, tab.apply(test.document).Mistakes, []string{test.want})
		})
	}
}

func TestPersonalNamespaces(t *testing.T) {
	tests := []struct {
		name      string
		documents []string
		namespace gitlab.ID
		want      string
	}{
		{"made with the user", nil, 1_000_000_000_001, `{"path": "ann", "name": "ann", "owner_id": 1, "kind": "user"}`},
		{"listed in the same document", []string{`{"users": [{"id": 3, "username": "cy", "name": "C", "email": "c@example.com"}],
			"namespaces": [{"id": 103, "kind": "user", "path": "cyril", "owner_id": 3}]}`}, 103, `{"path": "cyril", "owner_id": 3}`},
		{
			"changed by the document",
			[]string{`{"namespaces": [{"id": 1000000000001, "git_audit": true}]}`},
			1_000_000_000_001, `{"path": "ann", "git_audit": true}`,
		},
		{
			"follows a new username",
			[]string{`{"users": [{"id": 1, "username": "anna"}]}`},
			1_000_000_000_001,
			`{"path": "anna", "name": "anna"}`,
		},
		{"listed without path, follows a new username", []string{`{"users": [{"id": 1, "username": "anna"}],
			"namespaces": [{"id": 1000000000001, "git_audit": true}]}`}, 1_000_000_000_001, `{"path": "anna", "git_audit": true}`},
		{"listed with path, does not follow", []string{`{"users": [{"id": 1, "username": "anna"}],
			"namespaces": [{"id": 1000000000001, "path": "annie"}]}`}, 1_000_000_000_001, `{"path": "annie"}`},
		{"of another name, does not follow", []string{
			`{"namespaces": [{"id": 1000000000001, "path": "annie"}]}`,
			`{"users": [{"id": 1, "username": "anna"}]}`,
		}, 1_000_000_000_001, `{"path": "annie"}`},
		{"removed, and made again with the user", []string{
			`{"remove": {"namespaces": [{"id": 1000000000001}]}}`,
			`{"users": [{"id": 1}]}`,
		}, 1_000_000_000_001, `{"path": "ann"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tab := opened(t, append([]string{paths}, test.documents...)...)
			record := record.NamespaceRecord(&record.PlacedNamespace{Namespace: gitlab.Namespace{ID: test.namespace}})
			holds(t, tab.get(record), test.want)
			owner := gitlab.ID(1)
			if test.namespace == 103 {
				owner = 3
			}
			if got := tab.user(owner).NamespaceID; got != test.namespace {
				t.Errorf("the user's namespace is %d", got)
			}
		})
	}
}
