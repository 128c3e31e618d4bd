package store_test

import (
	"strings"
	"testing"

	"postern/shared/store/lookup"
)

// An old path leads on after whatever has moved, and only as long as nobody lives there.
func TestOldPaths(t *testing.T) {
	const moveWeb, renameWeb = `{"namespaces":[{"id":21,"parent_id":30}]}`, `{"namespaces":[{"id":21,"path":"w"}]}`
	rows := []struct {
		name    string
		changes []string
		path    string
		want    string
	}{
		{"a project that was renamed", []string{`{"projects":[{"id":7,"path":"new"}]}`}, "acme/app", "acme/new moved from acme/app"},
		{"a project that was moved", []string{`{"projects":[{"id":8,"namespace_id":30}]}`}, "acme/web/api/deep", "beta/deep moved from acme/web/api/deep"},
		{"a project twice renamed, by its first name", []string{`{"projects":[{"id":7,"path":"b"}]}`, `{"projects":[{"id":7,"path":"c"}]}`}, "acme/app", "acme/c moved from acme/app"},
		{"a project renamed and renamed back", []string{`{"projects":[{"id":7,"path":"b"}]}`, `{"projects":[{"id":7,"path":"app"}]}`}, "acme/b", "acme/app moved from acme/b"},
		{"a group that was renamed", []string{renameWeb}, "acme/web/api/deep", "acme/w/api/deep moved from acme/web/api/deep"},
		{"a group that was moved", []string{moveWeb}, "acme/web/api/deep", "beta/web/api/deep moved from acme/web/api/deep"},
		{"a group renamed, by its new name", []string{renameWeb}, "acme/w/api/deep", "acme/w/api/deep"},
		{"two groups renamed after each other", []string{renameWeb, `{"namespaces":[{"id":22,"path":"a"}]}`}, "acme/w/a/deep", "acme/w/a/deep"},
		{"a group renamed and moved", []string{renameWeb, moveWeb}, "beta/w/api/deep", "beta/w/api/deep"},
		{"a project made after its group was renamed, by the group's old path", []string{renameWeb, `{"projects":[{"id":15,"namespace_id":21,"path":"late"}]}`}, "acme/web/late", "acme/w/late moved from acme/web/late"},
		{"a nested one made after that", []string{renameWeb, `{"projects":[{"id":15,"namespace_id":22,"path":"late"}]}`}, "acme/web/api/late", "acme/w/api/late moved from acme/web/api/late"},
		{"nothing below a group's old path that is not there", []string{renameWeb}, "acme/web/none", "nothing"},
		{"nothing below a project of a group's old path", []string{renameWeb}, "acme/web/api/deep/more", "nothing"},
		{"a group is no project by its old path", []string{renameWeb}, "acme/web/api", "nothing"},
		{"somebody who lives there now wins", []string{`{"projects":[{"id":7,"path":"new"}]}`, `{"projects":[{"id":15,"namespace_id":20,"path":"app"}]}`}, "acme/app", "acme/app"},
		{"a group that lives there now wins", []string{renameWeb, `{"namespaces":[{"id":25,"kind":"group","path":"web","parent_id":20}]}`, `{"projects":[{"id":15,"namespace_id":25,"path":"mine"}]}`}, "acme/web/mine", "acme/web/mine"},
		{"a redirect to a project that is removed leads nowhere", []string{`{"remove":{"projects":[{"id":7}]}}`}, "acme/oldname", "nothing"},
		{"a redirect to a project that is being deleted leads nowhere", []string{`{"projects":[{"id":7,"pending_delete":true}]}`}, "acme/oldname", "nothing"},
		{"a redirect of a renamed project", []string{`{"projects":[{"id":7,"path":"new"}]}`}, "acme/oldname", "acme/new moved from acme/oldname"},
		{"two projects that swapped their paths", []string{`{"projects":[{"id":7,"namespace_id":30},{"id":9,"namespace_id":20}]}`}, "beta/app", "beta/app"},
		{"nothing deeper than groups can be nested", nil, strings.Repeat("acme/", 21) + "app", "nothing"},
		{"nothing at an empty segment", nil, "acme//app", "nothing"},
		{"nothing below a project", nil, "acme/app/more", "nothing"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			w.load(lookup.PushQuery{Actor: byKey(11), Path: row.path}) // what is remembered must not matter
			for _, change := range row.changes {
				w.apply(change)
			}
			for _, when := range []string{"with old hints", "warm"} {
				if got := place(w.load(lookup.PushQuery{Actor: byKey(11), Path: row.path})); got != row.want {
					t.Errorf("%s: led to %s, want %s", when, got, row.want)
				}
			}
			w.forget()
			if got := place(w.load(lookup.PushQuery{Actor: byKey(11), Path: row.path})); got != row.want {
				t.Errorf("cold: led to %s, want %s", got, row.want)
			}
		})
	}
}
