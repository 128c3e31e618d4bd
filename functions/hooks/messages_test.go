package hooks_test

import (
	"fmt"
	"strings"
	"testing"
)

const (
	create  = "basic: To create a merge request for feature, visit:\n  https://gitlab.example.com/acme/app/-/merge_requests/new?merge_request%5Bsource_branch%5D=feature"
	view    = "basic: View merge request for feature:\n  https://gitlab.example.com/acme/app/-/merge_requests/"
	banner  = `{"message":"Maintenance tonight","starts_at":"2020-01-01T00:00:00Z","ends_at":"2999-01-01T00:00:00Z"%s}`
	request = `{"merge_requests":[{"project_id":7,"iid":4,"source_branch":"feature","target_branch":"main"%s}]}`
)

func banners(more ...string) string {
	list := make([]string, len(more))
	for i, m := range more {
		list[i] = fmt.Sprintf(banner, m)
	}
	return `{"instance":{"broadcast_messages":[` + strings.Join(list, ",") + `]}}`
}

// The behavior cases 124 to 136, and what lies around them.
func TestPostReceiveMessages(t *testing.T) {
	warning := func(options, text string) string {
		return "alert: WARNINGS:\nError encountered with push options " + options + ": " + text
	}
	opt := func(options ...string) []any { return []any{"push_options", options} }
	tests := []struct {
		name      string
		documents []string
		changes   []any
		want      []string
	}{
		{"126 a new branch", nil, opt("ci.skip", "another push option"), []string{create}},
		{"127 with an open merge request", []string{fmt.Sprintf(request, "")}, nil, []string{view + "4"}},
		{"127 with a closed one", []string{fmt.Sprintf(request, `,"state":"closed"`)}, nil, []string{create}},
		{"127 with two open ones, the newer", []string{
			fmt.Sprintf(request, ""), strings.NewReplacer(`"iid":4`, `"iid":11`, `"target_branch":"main"`, `"target_branch":"dev"`).Replace(fmt.Sprintf(request, "")),
		}, nil, []string{view + "11"}},
		{"127 into another project", []string{
			`{"merge_requests":[{"project_id":8,"iid":5,"source_project_id":7,"source_branch":"feature","target_branch":"main"}]}`,
		}, nil, []string{"basic: View merge request for feature:\n  https://gitlab.example.com/acme/pub/-/merge_requests/5"}},
		{"128 nothing but the default branch, a tag, a deletion", nil, []any{
			"changes", a + " " + b + " refs/heads/main\n" + zero + " " + a + " refs/tags/v9\n" + a + " " + zero + " refs/heads/gone\n",
		}, []string{}},
		{"129 no options", nil, []any{"push_options", nil}, []string{create}},
		{"131 a banner", []string{banners("")}, nil, []string{"alert: Maintenance tonight", create}},
		{"131 not for terminals", []string{banners(`,"show_in_cli":false`)}, nil, []string{create}},
		{"131 a notification", []string{banners(`,"type":"notification"`)}, nil, []string{create}},
		{"131 for this path, before a later one for all", []string{banners(`,"target_path":"ACME/*"`, ``)}, nil, []string{"alert: Maintenance tonight", create}},
		{"131 for another path", []string{banners(`,"target_path":"other/*"`)}, nil, []string{create}},
		{"131 for developers", []string{banners(`,"target_access_levels":[30]`)}, nil, []string{"alert: Maintenance tonight", create}},
		{"131 for guests", []string{banners(`,"target_access_levels":[10]`)}, nil, []string{create}},
		{"132 a target that is missing", nil, opt("merge_request.target=nope"), []string{
			warning("'merge_request.target=nope'", "Target branch acme/app:nope does not exist"), create,
		}},
		{"133 no create", nil, opt("mr.title=x"), []string{
			warning("'mr.title=x'", "A merge_request.create push option is required to create a merge request for branch feature"), create,
		}},
		{"133 all options are told", nil, opt("ci.skip", "mr.title=x"), []string{
			warning("'ci.skip' 'mr.title=x'", "A merge_request.create push option is required to create a merge request for branch feature"), create,
		}},
		{"134 wiki", nil, append(opt("merge_request.create"), "gl_repository", "wiki-7"), []string{
			warning("'merge_request.create'", "Push options are only supported for projects"),
		}},
		{"135 nobody", nil, []any{"identifier", "key-9999"}, []string{create}},
		{"136 no such project", nil, []any{"gl_repository", "project-999"}, []string{}},
		{"not a repository at all", nil, []any{"gl_repository", "nothing"}, []string{}},
		{"options of nobody", nil, append(opt("mr.create"), "identifier", "key-9999"), []string{warning("'mr.create'", "User is required"), create}},
		{"options of a guest", nil, append(opt("mr.create"), "identifier", "key-104"), []string{warning("'mr.create'", "User access was denied"), create}},
		{"into another project", nil, opt("mr.create", "mr.target_project=acme/pub"), []string{
			warning("'mr.create' 'mr.target_project=acme/pub'", "Projects acme/app and acme/pub are not in the same network"), create,
		}},
		{"into this one by its path", nil, opt("mr.create", "mr.target_project=ACME/app"), []string{view + "1"}},
		{"created", nil, opt("mr.create", "mr.target=dev"), []string{view + "1"}},
		{"created where documents have brought others", []string{strings.Replace(fmt.Sprintf(request, ""), "feature", "other", 1), `{"merge_requests":[
			{"project_id":7,"iid":1,"source_branch":"x","target_branch":"main"}]}`}, opt("mr.create"), []string{view + "5"}},
		{"create with an open one", []string{fmt.Sprintf(request, "")}, opt("mr.create"), []string{view + "4"}},
		{"not enabled", []string{`{"projects":[{"id":7,"merge_requests_access_level":"disabled"}]}`}, opt("mr.create"), []string{
			warning("'mr.create'", "Merge requests are not enabled for project acme/app"),
		}},
		{"links switched off", []string{`{"projects":[{"id":7,"printing_merge_request_link_enabled":false}]}`}, nil, []string{}},
		{"eleven branches", nil, append(opt("mr.create", "mr.target=nope"), "changes", many(11)), append([]string{
			warning("'mr.create' 'mr.target=nope'", "Too many branches pushed (11 were pushed, limit is 10)\n\nTarget branch acme/app:nope does not exist"),
		}, manyLinks(11)...)},
		{"a branch that must be escaped", nil, []any{"changes", zero + " " + a + " refs/heads/a/b&c"}, []string{
			strings.NewReplacer("for feature", "for a/b&c", "=feature", "=a%2Fb%26c").Replace(create),
		}},
		{"an empty repository", nil, []any{"gl_repository", "project-10"}, []string{}},
		{"a personal snippet", nil, []any{"gl_repository", "snippet-31"}, []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := serve(t, tt.documents...)
			got := said(t, postReceive(t, api, done(tt.changes...), ""))
			if strings.Join(got, "\n--\n") != strings.Join(tt.want, "\n--\n") {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func many(n int) string {
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "%s %s refs/heads/b%d\n", zero, a, i)
	}
	return lines.String()
}

func manyLinks(n int) []string {
	links := make([]string, n)
	for i := range n {
		name := fmt.Sprintf("b%d", i)
		links[i] = strings.NewReplacer("for feature", "for "+name, "=feature", "="+name).Replace(create)
	}
	return links
}
