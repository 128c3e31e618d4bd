package main_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImport runs the command against a GitLab with one user. The tests of package importer cover the rest.
func TestImport(t *testing.T) {
	const root = `{"id": 1, "username": "root", "name": "Root", "email": "root@example.com", "state": "active", "is_admin": true, "namespace_id": 1}`
	gitlab := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, known := map[string]string{
			"/api/v4/user": root, "/api/v4/users": "[" + root + "]", "/api/v4/users/1/keys": "[]", "/api/v4/groups": "[]", "/api/v4/projects": "[]",
		}[r.URL.Path]
		if !known || r.Header.Get("Private-Token") != "glpat-1" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(gitlab.Close)
	t.Setenv("GITLAB_TOKEN", "")
	program, token := program(t), writeFile(t, "token", "glpat-1\n")
	file := filepath.Join(t.TempDir(), "directory.json")
	rows := []struct {
		name      string
		variables []string
		status    int
		like      string // part of the output or of the progress
	}{
		{"no variables", nil, 1, "GITLAB_TOKEN_FILE is missing"},
		{"no address", []string{"GITLAB_TOKEN_FILE=" + token, "FILE=" + file}, 1, "GITLAB is missing"},
		{"no file", []string{"GITLAB_TOKEN_FILE=" + token, "GITLAB=" + gitlab.URL}, 1, "FILE is missing"},
		{"a missing token file", []string{"GITLAB_TOKEN_FILE=" + token + "x", "GITLAB=" + gitlab.URL, "FILE=" + file}, 1, "GITLAB_TOKEN_FILE: "},
		{"an unknown token", []string{"GITLAB_TOKEN=glpat-2", "GITLAB=" + gitlab.URL, "FILE=" + file}, 1, "401"},
		{"all variables", []string{"GITLAB_TOKEN_FILE=" + token, "GITLAB=" + gitlab.URL, "FILE=" + file}, 0, "users                1\n"},
		{"a second time", []string{"GITLAB_TOKEN_FILE=" + token, "GITLAB=" + gitlab.URL, "FILE=" + file}, 1, "exists already"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			out, progress, status := do(t, program, append([]string{"import"}, row.variables...)...)
			if status != row.status || !strings.Contains(out+progress, row.like) || strings.Contains(out+progress, "glpat") {
				t.Errorf("status %d, %q, %q; want %d and %q", status, out, progress, row.status, row.like)
			}
		})
	}
	content, err := os.ReadFile(file)
	if err != nil || len(object(t, string(content))["users"].([]any)) != 1 {
		t.Errorf("%s, %v", content, err)
	}
}
