package store_test

import (
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/lookup"
)

const containers = `{
 "projects": [
  {"id": 10, "namespace_id": 30, "path": "leaving", "pending_delete": true},
  {"id": 12, "namespace_id": 30, "path": "real.wiki"}],
 "snippets": [{"id": 33, "author_id": 1, "project_id": 10}, {"id": 34, "author_id": 1, "project_id": 8}]
}`

func TestPathsLeadToContainers(t *testing.T) {
	w := newWorld(t, small)
	w.apply(containers)
	rows := []struct {
		name, path string
		want       string
		kind       gitlab.RepositoryKind
	}{
		{"a project", "acme/app", "acme/app", gitlab.ProjectRepository},
		{"a project without regard to case", "ACME/App", "acme/app", gitlab.ProjectRepository},
		{"a project's wiki", "acme/app.wiki", "acme/app.wiki", gitlab.WikiRepository},
		{"a project whose name ends like a wiki's", "beta/real.wiki", "beta/real.wiki", gitlab.ProjectRepository},
		{"the wiki of that project", "beta/real.wiki.wiki", "beta/real.wiki.wiki", gitlab.WikiRepository},
		{"a wiki by an old path", "acme/oldname.wiki", "acme/app.wiki moved from acme/oldname.wiki", gitlab.WikiRepository},
		{"a group's wiki", "acme.wiki", "acme.wiki", gitlab.WikiRepository},
		{"a nested group's wiki", "acme/web.wiki", "acme/web.wiki", gitlab.WikiRepository},
		{"no wiki of a personal namespace", "ann.wiki", "nothing", gitlab.WikiRepository},
		{"no wiki of nothing", "acme/none.wiki", "nothing", gitlab.WikiRepository},
		{"a project's designs", "acme/app.design", "acme/app.design", gitlab.DesignRepository},
		{"designs by an old path", "acme/oldname.design", "acme/app.design moved from acme/oldname.design", gitlab.DesignRepository},
		{"no designs of a group", "acme/web.design", "nothing", gitlab.DesignRepository},
		{"a personal snippet", "snippets/31", "snippets/31", gitlab.SnippetRepository},
		{"a project's snippet", "acme/app/snippets/32", "acme/app/snippets/32", gitlab.SnippetRepository},
		{"a snippet by its project's old path", "acme/oldname/snippets/32", "acme/app/snippets/32 moved from acme/oldname/snippets/32", gitlab.SnippetRepository},
		{"no snippet below another project", "beta/app/snippets/32", "nothing", gitlab.SnippetRepository},
		{"no project's snippet as a personal one", "snippets/32", "nothing", gitlab.SnippetRepository},
		{"no personal snippet below a project", "acme/app/snippets/31", "nothing", gitlab.SnippetRepository},
		{"no snippet below a group", "acme/snippets/32", "nothing", gitlab.SnippetRepository},
		{"no snippet below nothing", "acme/none/snippets/32", "nothing", gitlab.SnippetRepository},
		{"no snippet with an unknown id", "acme/app/snippets/99", "nothing", gitlab.SnippetRepository},
		{"no snippet with an id that is no number", "snippets/abc", "nothing", gitlab.SnippetRepository},
		{"no snippet with an empty id", "snippets/", "nothing", gitlab.SnippetRepository},
		{"no project that is being deleted", "beta/leaving", "nothing", gitlab.ProjectRepository},
		{"nor its wiki", "beta/leaving.wiki", "nothing", gitlab.WikiRepository},
		{"nor its snippet", "beta/leaving/snippets/33", "nothing", gitlab.SnippetRepository},
		{"no repository of a group", "acme/web", "nothing", gitlab.ProjectRepository},
		{"nothing at one segment", "acme", "nothing", gitlab.ProjectRepository},
		{"nothing at no path", "", "nothing", gitlab.ProjectRepository},
		{"nothing at a path that is no text", "acme/\xff", "nothing", gitlab.ProjectRepository},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w.forget()
			for range 2 { // cold and warm
				c := w.load(lookup.PushQuery{Actor: byKey(11), Path: row.path})
				if got := place(c); got != row.want || c.Asked != row.kind {
					t.Errorf("led to %s as %v, want %s as %v", got, c.Asked, row.want, row.kind)
				}
			}
		})
	}
}

func TestRepositoriesLeadToContainers(t *testing.T) {
	w := newWorld(t, small)
	w.apply(containers)
	rows := []struct {
		name       string
		repository gitlab.Repository
		want       string
	}{
		{"a project", gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 8}, "acme/web/api/deep"},
		{"a wiki", gitlab.Repository{Kind: gitlab.WikiRepository, ID: 7}, "acme/app.wiki"},
		{"designs", gitlab.Repository{Kind: gitlab.DesignRepository, ID: 7}, "acme/app.design"},
		{"a group's wiki", gitlab.Repository{Kind: gitlab.GroupWikiRepository, ID: 21}, "acme/web.wiki"},
		{"no group's wiki of nothing", gitlab.Repository{Kind: gitlab.GroupWikiRepository, ID: 99}, "nothing"},
		{"a personal snippet", gitlab.Repository{Kind: gitlab.SnippetRepository, ID: 31}, "snippets/31"},
		{"a project's snippet", gitlab.Repository{Kind: gitlab.SnippetRepository, ID: 34}, "acme/web/api/deep/snippets/34"},
		{"no snippet of a project that is being deleted", gitlab.Repository{Kind: gitlab.SnippetRepository, ID: 33}, "nothing"},
		{"no snippet without an id", gitlab.Repository{Kind: gitlab.SnippetRepository}, "nothing"},
		{"no project that is being deleted", gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 10}, "nothing"},
		{"no project that is not there", gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 99}, "nothing"},
		{"no wiki of a project that is not there", gitlab.Repository{Kind: gitlab.WikiRepository, ID: 99}, "nothing"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w.forget()
			for range 2 { // cold and warm
				// The path is another project's: the repository wins.
				c := w.load(lookup.PushQuery{Actor: byKey(11), Repository: &row.repository, Path: "beta/app"})
				if got := place(c); got != row.want || c.Asked != row.repository.Kind {
					t.Errorf("led to %s as %v, want %s", got, c.Asked, row.want)
				}
			}
		})
	}
}
