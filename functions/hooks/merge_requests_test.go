package hooks_test

import (
	"fmt"
	"strings"
	"testing"

	"postern/shared/apitest"
	"postern/shared/gitlab"
	"postern/shared/table"
)

// openRequest is a document with an open merge request of project 7.
func openRequest(iid int, source, target string) string {
	return fmt.Sprintf(`{"merge_requests":[{"project_id":7,"iid":%d,"source_branch":%q,"target_branch":%q,"title":"Old"}]}`, iid, source, target)
}

// mergeRequests applies all accepted pushes of a project twice, like a worker that repeats its work. It lists the merge
// requests that the table has then: "!1 feature > main: Title".
func mergeRequests(t *testing.T, api *apitest.API, project int) string {
	t.Helper()
	for _, item := range api.Table.Partition(t, fmt.Sprintf("outbox#project-%d", project)) {
		p, err := api.Store.LoadPush(t.Context(), item)
		for range 2 {
			if err == nil {
				err = api.Store.ApplyPush(t.Context(), p, nil)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	keys := make([]table.Key, 12)
	for iid := range keys {
		keys[iid] = table.Key{PK: fmt.Sprintf("project#%d", project), SK: fmt.Sprintf("mr#%d", iid)}
	}
	found, err := api.Store.Records(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, k := range keys {
		if found[k] != nil {
			mr := found[k].Value().(*gitlab.MergeRequest)
			list = append(list, fmt.Sprintf("!%d %s > %s: %s", mr.IID, mr.SourceBranch, mr.TargetBranch, mr.Title))
		}
	}
	return strings.Join(list, ", ")
}

// The checks and results of push options for merge requests (internal API, post_receive).
func TestMergeRequestOptions(t *testing.T) {
	const denied = "User access was denied"
	feature := zero + " " + a + " refs/heads/feature\n"
	tests := []struct {
		name      string
		documents []string
		actor     string // "" is dan, a developer
		project   int    // 0 is 7
		changes   string // "" creates feature
		options   []string
		problem   string
		stored    string
	}{
		{name: "215 white space", options: []string{"merge_request . create", "\tmerge_request . target = main "}, stored: "!1 feature > main: feature"},
		{name: "216 a reporter", actor: "key-103", options: []string{"mr.create"}, problem: denied},
		{
			name: "216 a reporter's two branches", actor: "key-103", changes: feature + zero + " " + a + " refs/heads/b\n",
			options: []string{"mr.create"}, problem: denied + "\n\n" + denied,
		},
		{name: "216 a stranger in a public project", actor: "key-105", project: 8, options: []string{"mr.create"}, problem: denied},
		{name: "a guest reads no code", actor: "key-104", options: []string{"mr.create", "mr.target=nope"}, problem: denied},
		{name: "an unknown target project", options: []string{"mr.create", "mr.target_project=acme/none"}, problem: denied},
		{
			name: "another network, and no such branch", options: []string{"mr.create", "mr.target_project=acme/pub", "mr.target=nope"},
			problem: "Projects acme/app and acme/pub are not in the same network\n\nTarget branch acme/pub:nope does not exist",
		},
		{
			name: "disabled, and no such branch", documents: []string{`{"projects":[{"id":7,"merge_requests_access_level":"disabled"}]}`},
			options: []string{"mr.create", "mr.target=nope"},
			problem: "Merge requests are not enabled for project acme/app\n\nTarget branch acme/app:nope does not exist",
		},
		{
			name: "a refused target changes nothing", documents: []string{openRequest(4, "feature", "main")},
			options: []string{"mr.target=nope", "mr.title=New"}, problem: "Target branch acme/app:nope does not exist", stored: "!4 feature > main: Old",
		},
		{
			name: "a target that the push creates", changes: feature + zero + " " + a + " refs/heads/new\n",
			options: []string{"mr.create", "mr.target=new"}, problem: "You must select different branches", stored: "!1 feature > new: feature",
		},
		{
			name: "a target that the push deletes", changes: feature + a + " " + zero + " refs/heads/dev\n",
			options: []string{"mr.create", "mr.target=dev"}, problem: "Target branch acme/app:dev does not exist",
		},
		{name: "an archived project", documents: []string{`{"projects":[{"id":7,"archived":true}]}`}, options: []string{"mr.create"}, problem: denied},
		{name: "a title of 255 characters", options: []string{"mr.create", "mr.title=" + strings.Repeat("é", 255)}, stored: "!1 feature > main: " + strings.Repeat("é", 255)},
		{
			name: "a title of 256 characters", options: []string{"mr.create", "mr.title=" + strings.Repeat("é", 256)},
			problem: "Title is too long (maximum is 255 characters)",
		},
		{
			name: "a long title does not change a merge request", documents: []string{openRequest(4, "feature", "main")},
			options: []string{"mr.title=" + strings.Repeat("x", 256)}, problem: "Title is too long (maximum is 255 characters)",
			stored: "!4 feature > main: Old",
		},
		{name: "a title of white space", options: []string{"mr.create", "mr.title=  \t"}, stored: "!1 feature > main: feature"},
		{
			name: "a long branch gives a shorter title", changes: zero + " " + a + " refs/heads/" + strings.Repeat("b", 300) + "\n",
			options: []string{"mr.create", "mr.draft"}, stored: "!1 " + strings.Repeat("b", 300) + " > main: Draft: " + strings.Repeat("b", 248),
		},
		{
			name: "220 a pair that another merge request has", documents: []string{openRequest(4, "feature", "main"), openRequest(5, "feature", "dev")},
			options: []string{"mr.target=main", "mr.title=New"},
			problem: "Validate branches Another open merge request already exists for this source branch: !4",
			stored:  "!4 feature > main: Old, !5 feature > dev: Old",
		},
		{
			name: "an open merge request needs no create", documents: []string{openRequest(4, "feature", "main")},
			options: []string{"mr.target=dev", "mr.title=New", "mr.draft"}, stored: "!4 feature > dev: Draft: New",
		},
		{name: "a draft is marked once", options: []string{"mr.create", "mr.draft", "mr.title=[Draft] x"}, stored: "!1 feature > main: [Draft] x"},
		{
			name: "each branch has its own result", documents: []string{openRequest(4, "feature", "main")},
			changes: feature + zero + " " + a + " refs/heads/b\n", options: []string{"mr.title=New"},
			problem: "A merge_request.create push option is required to create a merge request for branch b", stored: "!4 feature > main: New",
		},
		{
			name: "a closed merge request stays closed", documents: []string{strings.Replace(openRequest(4, "feature", "main"), `"iid"`, `"state":"closed","iid"`, 1)},
			options: []string{"mr.create"}, stored: "!1 feature > main: feature, !4 feature > main: Old",
		},
		{name: "a default branch that is not there", project: 10, actor: "key-101", options: []string{"mr.create"}, problem: `Target branch "main" does not exist`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := serve(t, tt.documents...)
			project, actor, changes := max(tt.project, 7), tt.actor, tt.changes
			if actor == "" {
				actor = "key-102"
			}
			if changes == "" {
				changes = feature
			}
			got := said(t, postReceive(t, api, done("gl_repository", fmt.Sprintf("project-%d", project), "identifier", actor,
				"changes", changes, "push_options", tt.options), ""))
			warning := "alert: WARNINGS:\nError encountered with push options '" + strings.Join(tt.options, "' '") + "': " + tt.problem
			warned := len(got) > 0 && strings.HasPrefix(got[0], "alert: ")
			if warned != (tt.problem != "") || warned && got[0] != warning {
				t.Errorf("got %q\nwant %q", got, warning)
			}
			if got := mergeRequests(t, api, project); got != tt.stored {
				t.Errorf("stored %q, want %q", got, tt.stored)
			}
		})
	}
}

// Two pushes of one pair that arrive before the worker runs share one merge request, and both links lead to it.
func TestTwoPushesShareAMergeRequest(t *testing.T) {
	t.Parallel()
	api := serve(t)
	for i, title := range []string{"First", "Second"} {
		body := done("changes", fmt.Sprintf("%s %s refs/heads/feature\n", []string{zero, a}[i], []string{a, b}[i]),
			"push_options", []string{"mr.create", "mr.title=" + title})
		if got := said(t, postReceive(t, api, body, title)); len(got) != 1 || got[0] != view+"1" {
			t.Errorf("%s: %q", title, got)
		}
	}
	if got := mergeRequests(t, api, 7); got != "!1 feature > main: First" && got != "!1 feature > main: Second" {
		t.Errorf("stored %q", got)
	}
}

// A push of the outbox that was accepted before targets were kept makes its merge request in its own project.
func TestPushWithoutMergeTargetUsesOwnProject(t *testing.T) {
	t.Parallel()
	api := serve(t)
	postReceive(t, api, done("changes", zero+" "+a+" refs/heads/feature\n", "push_options", []string{"mr.create"}), "")
	for _, item := range api.Table.Partition(t, "outbox#project-7") {
		delete(item, "merge_target")
		p, err := api.Store.LoadPush(t.Context(), item)
		if err != nil || p.MergeTarget != 7 || p.MergeRequests["feature"] != 1 {
			t.Fatalf("got %+v, %v", p, err)
		}
		if err := api.Store.ApplyPush(t.Context(), p, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := mergeRequests(t, api, 7); got != "!1 feature > main: feature" {
		t.Errorf("stored %q", got)
	}
}
