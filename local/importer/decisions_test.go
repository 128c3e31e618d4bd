package importer_test

import (
	"net/http"
	"strings"
	"testing"

	"postern/functions/gitaccess"
	"postern/shared/apitest"
	"postern/shared/directory"
	"postern/shared/gitaly"
)

// A loaded import leads to GitLab's decisions.
func TestDecisionsAfterAnImport(t *testing.T) {
	api := apitest.Serve(t, func(d apitest.Deps) http.Handler {
		return gitaccess.New(gitaccess.Deps{
			Store: d.Store, Gitaly: gitaly.New(gitaly.Options{}), Shell: d.Shell, Admin: d.Admin, Now: d.Now, HTTP: d.HTTP,
		})
	}, []byte(start(t).imported()))
	const pull, push = "git-upload-pack", "git-receive-pack"
	created := strings.Repeat("0", 40) + " " + strings.Repeat("1", 40) + " refs/"
	rows := []struct {
		name            string
		key             int
		action, project string
		changes         string
		status          int
	}{
		{"a developer of a parent group pushes", 102, push, "acme/sub/app", "_any", http.StatusOK},
		{"a developer pushes to a protected branch", 102, push, "acme/sub/app", created + "heads/main", http.StatusUnauthorized},
		{"a developer pushes to a branch protected by the group", 102, push, "acme/sub/app", created + "heads/stable", http.StatusUnauthorized},
		{"a developer pushes a protected tag", 102, push, "acme/sub/app", created + "tags/v1", http.StatusUnauthorized},
		{"a developer pushes to a branch with a rule for her", 102, push, "acme/sub/app", created + "heads/release-1", http.StatusOK},
		{"a developer pushes to another branch", 102, push, "acme/sub/app", created + "heads/topic", http.StatusOK},
		{"a push to an archived project", 102, push, "ada/notes", "_any", http.StatusUnauthorized},
		{"the owner reads an archived project", 102, pull, "ada/notes", "_any", http.StatusOK},
		{"a key for signing", 103, pull, "acme/sub/app", "_any", http.StatusNotFound},
		{"a blocked account", 104, pull, "acme/sub/app", "_any", http.StatusUnauthorized},
		{"an unaccepted invitation", 105, pull, "acme/sub/app", "_any", http.StatusNotFound},
		{"an internal project", 105, pull, "acme/empty", "_any", http.StatusOK},
		{"a member of an invited group reads", 106, pull, "acme/sub/app", "_any", http.StatusOK},
		{"a member of an invited group pushes above the share's level", 106, push, "acme/sub/app", "_any", http.StatusUnauthorized},
		{"a member of an invited group reads another project", 106, pull, "ada/notes", "_any", http.StatusNotFound},
		{"a deploy key pushes with permission", 201, push, "acme/sub/app", "_any", http.StatusOK},
		{"a deploy key reads another of its projects", 201, pull, "ada/notes", "_any", http.StatusOK},
		{"a deploy key reads a project without it", 201, pull, "acme/empty", "_any", http.StatusNotFound},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			answer := api.Post(t, "/api/v4/internal/allowed", map[string]any{
				"key_id": row.key, "action": row.action, "project": row.project, "changes": row.changes, "protocol": "ssh",
			})
			if answer.Status != row.status {
				t.Errorf("%d %s, want %d", answer.Status, answer.Body, row.status)
			}
		})
	}
}

func TestImportAppliedAgainChangesNothing(t *testing.T) {
	g := start(t)
	deps := apitest.NewDeps(t, []byte(g.imported()))
	result, err := directory.Load(t.Context(), deps.Store, []byte(g.imported()))
	if err != nil || len(result.Mistakes) > 0 || len(result.Counts) == 0 {
		t.Fatalf("%v, %v, %v", result.Counts, result.Mistakes, err)
	}
	for array, c := range result.Counts {
		if c.Created+c.Updated+c.Removed > 0 || c.Unchanged == 0 {
			t.Errorf("%s: %+v", array, c)
		}
	}
}
