package store_test

import (
	"fmt"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/lookup"
)

// Every row warms a reader, changes the directory behind its back, and asks again: the change must be seen at once,
// by the warm reader and by a cold one.
func TestLoadPushContextSeesChangesAtOnce(t *testing.T) {
	rows := []struct {
		name   string
		path   string // asked before and after
		before string
		change string
		after  string
	}{
		{"project renamed, old path", "acme/app", "acme/app", `{"projects":[{"id":7,"path":"app2"}]}`, "acme/app2 moved from acme/app"},
		{"project renamed, new path", "acme/app2", "nothing", `{"projects":[{"id":7,"path":"app2"}]}`, "acme/app2"},
		{"project moved, old path", "acme/app", "acme/app", `{"projects":[{"id":7,"namespace_id":21}]}`, "acme/web/app moved from acme/app"},
		{"project moved, new path", "acme/web/app", "nothing", `{"projects":[{"id":7,"namespace_id":21}]}`, "acme/web/app"},
		{"top group renamed, old path", "acme/app", "acme/app", `{"namespaces":[{"id":20,"path":"acme2"}]}`, "acme2/app moved from acme/app"},
		{"top group renamed, new path", "acme2/app", "nothing", `{"namespaces":[{"id":20,"path":"acme2"}]}`, "acme2/app"},
		{"top group renamed, far below, old path", "acme/web/api/deep", "acme/web/api/deep", `{"namespaces":[{"id":20,"path":"acme2"}]}`, "acme2/web/api/deep moved from acme/web/api/deep"},
		{"top group renamed, far below, new path", "acme2/web/api/deep", "nothing", `{"namespaces":[{"id":20,"path":"acme2"}]}`, "acme2/web/api/deep"},
		{"middle group renamed, old path", "acme/web/api/deep", "acme/web/api/deep", `{"namespaces":[{"id":21,"path":"w"}]}`, "acme/w/api/deep moved from acme/web/api/deep"},
		{"middle group renamed, new path", "acme/w/api/deep", "nothing", `{"namespaces":[{"id":21,"path":"w"}]}`, "acme/w/api/deep"},
		{"middle group moved, old path", "acme/web/api/deep", "acme/web/api/deep", `{"namespaces":[{"id":21,"parent_id":30}]}`, "beta/web/api/deep moved from acme/web/api/deep"},
		{"middle group moved, new path", "beta/web/api/deep", "nothing", `{"namespaces":[{"id":21,"parent_id":30}]}`, "beta/web/api/deep"},
		{"group renamed only in its letters", "acme/app", "acme/app", `{"namespaces":[{"id":20,"path":"ACME"}]}`, "ACME/app"},
		{"project removed", "acme/app", "acme/app", `{"remove":{"projects":[{"id":7}]}}`, "nothing"},
		{"group removed", "acme/web/api/deep", "acme/web/api/deep", `{"remove":{"namespaces":[{"id":21}]}}`, "nothing"},
		{
			"another project takes the path", "acme/app", "acme/app",
			`{"projects":[{"id":7,"path":"gone"},{"id":9,"namespace_id":20,"path":"app"}]}`, "acme/app",
		},
		{
			"another group takes the path, with a project of the same name", "acme/app", "acme/app",
			`{"namespaces":[{"id":20,"path":"old"},{"id":30,"path":"acme"}]}`, "acme/app",
		},
		{"a redirect is given", "beta/old", "nothing", `{"projects":[{"id":9,"redirects":["beta/old"]}]}`, "beta/app moved from beta/old"},
		{"a redirect is taken away", "acme/oldname", "acme/app moved from acme/oldname", `{"projects":[{"id":7,"redirects":[]}]}`, "nothing"},
		{"a redirect of a group", "ancient/app", "nothing", `{"namespaces":[{"id":30,"redirects":["ancient"]}]}`, "beta/app moved from ancient/app"},
		{"somebody lives where a redirect was", "acme/oldname", "acme/app moved from acme/oldname", `{"projects":[{"id":50,"namespace_id":20,"path":"oldname"}]}`, "acme/oldname"},
		{"being deleted", "acme/app", "acme/app", `{"projects":[{"id":7,"pending_delete":true}]}`, "nothing"},
		{"the wiki of a renamed group", "acme/app.wiki", "acme/app.wiki", `{"namespaces":[{"id":20,"path":"acme2"}]}`, "acme2/app.wiki moved from acme/app.wiki"},
		{"a project named like a wiki", "acme/app.wiki", "acme/app.wiki", `{"projects":[{"id":51,"namespace_id":20,"path":"app.wiki"}]}`, "acme/app.wiki"},
		{"a group's wiki", "acme/web.wiki", "acme/web.wiki", `{"namespaces":[{"id":21,"path":"w"}]}`, "nothing"},
		{"a project's snippet", "acme/app/snippets/32", "acme/app/snippets/32", `{"remove":{"snippets":[{"id":32}]}}`, "nothing"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			q := lookup.PushQuery{Actor: byKey(11), Path: row.path}
			for range 2 {
				if got := place(w.load(q)); got != row.before {
					t.Fatalf("before: led to %s, want %s", got, row.before)
				}
			}
			w.apply(row.change)
			if got := place(w.load(q)); got != row.after {
				t.Errorf("after, warm: led to %s, want %s", got, row.after)
			}
			w.forget()
			if got := place(w.load(q)); got != row.after {
				t.Errorf("after, cold: led to %s, want %s", got, row.after)
			}
		})
	}
}

// holds says who acts and what the person holds.
func holds(c lookup.PushContext) string {
	who := "nobody"
	if c.Actor.User != nil {
		who = c.Actor.User.Username
	}
	level := gitlab.NoAccess
	for _, m := range c.Members {
		level = max(level, m.AccessLevel)
	}
	return fmt.Sprintf("%s %d", who, level)
}

func TestLoadPushContextSeesActorChangesAtOnce(t *testing.T) {
	rows := []struct {
		name          string
		actor         gitlab.ActorRef
		before        string
		change, after string
	}{
		{"membership removed", byKey(12), "bob 10", `{"remove":{"members":[{"user_id":2,"project_id":7}]}}`, "bob 0"},
		{"membership raised", byKey(12), "bob 10", `{"members":[{"user_id":2,"project_id":7,"access_level":40}]}`, "bob 40"},
		{"membership in the group added", byKey(12), "bob 10", `{"members":[{"user_id":2,"namespace_id":20,"access_level":50}]}`, "bob 50"},
		{"key removed", byKey(12), "bob 10", `{"remove":{"keys":[{"id":12}]}}`, "nobody 0"},
		{"key given to somebody else", byKey(12), "bob 10", `{"keys":[{"id":12,"user_id":1}]}`, "ann 30"},
		{"key for signing only", byKey(12), "bob 10", `{"keys":[{"id":12,"usage_type":"signing"}]}`, "nobody 0"},
		{"user removed", byKey(12), "bob 10", `{"remove":{"users":[{"id":2}]}}`, "nobody 0"},
		{
			"usernames swapped",
			gitlab.ActorRef{Kind: gitlab.ByUsername, Login: "bob"},
			"bob 10",
			`{"users":[{"id":1,"username":"bob"},{"id":2,"username":"ann"}]}`, "bob 30",
		},
		{
			"username given up",
			gitlab.ActorRef{Kind: gitlab.ByUsername, Login: "bob"},
			"bob 10",
			`{"users":[{"id":2,"username":"robert"}]}`, "nobody 0",
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			q := lookup.PushQuery{Actor: row.actor, Path: "acme/app"}
			for range 2 {
				if got := holds(w.load(q)); got != row.before {
					t.Fatalf("before: %s, want %s", got, row.before)
				}
			}
			w.apply(row.change)
			if got := holds(w.load(q)); got != row.after {
				t.Errorf("after: %s, want %s", got, row.after)
			}
		})
	}
}
