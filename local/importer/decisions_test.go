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

// What was imported is loaded, and decides as GitLab would.
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
		{"a developer of a group above pushes", 102, push, "acme/sub/app", "_any", http.StatusOK},
		{"but not to a protected branch", 102, push, "acme/sub/app", created + "heads/main", http.StatusUnauthorized},
		{"nor to one that the group protects", 102, push, "acme/sub/app", created + "heads/stable", http.StatusUnauthorized},
		{"nor a protected tag", 102, push, "acme/sub/app", created + "tags/v1", http.StatusUnauthorized},
		{"to a branch whose rule names her", 102, push, "acme/sub/app", created + "heads/release-1", http.StatusOK},
		{"and to other branches", 102, push, "acme/sub/app", created + "heads/topic", http.StatusOK},
		{"an archived project is not pushed to", 102, push, "ada/notes", "_any", http.StatusUnauthorized},
		{"but read by its owner", 102, pull, "ada/notes", "_any", http.StatusOK},
		{"a key for signing opens nothing", 103, pull, "acme/sub/app", "_any", http.StatusNotFound},
		{"a blocked account reads nothing", 104, pull, "acme/sub/app", "_any", http.StatusUnauthorized},
		{"who was invited and has not accepted sees nothing", 105, pull, "acme/sub/app", "_any", http.StatusNotFound},
		{"an internal project is seen by everybody", 105, pull, "acme/empty", "_any", http.StatusOK},
		{"a member of an invited group reads", 106, pull, "acme/sub/app", "_any", http.StatusOK},
		{"with the share's level", 106, push, "acme/sub/app", "_any", http.StatusUnauthorized},
		{"and nothing that is not shared", 106, pull, "ada/notes", "_any", http.StatusNotFound},
		{"a deploy key pushes where it may", 201, push, "acme/sub/app", "_any", http.StatusOK},
		{"reads elsewhere", 201, pull, "ada/notes", "_any", http.StatusOK},
		{"and sees nothing of other projects", 201, pull, "acme/empty", "_any", http.StatusNotFound},
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

func TestAnImportAppliedAgainChangesNothing(t *testing.T) {
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
