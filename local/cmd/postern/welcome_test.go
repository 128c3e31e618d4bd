package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postern/shared/storetest"
)

func checkPasted(t *testing.T, r *running) {
	t.Helper()
	lines := regexp.MustCompile(`(?m)^curl .*$`).FindAllString(r.out.String(), -1)
	if len(lines) != 2 {
		t.Fatalf("%d lines to paste, want 2:\n%s", len(lines), r.out)
	}
	wants := []map[string]any{
		{"status": true, "gl_repository": "project-3", "gl_project_path": "gnuwget/wget2", "gl_id": "user-1", "gl_username": "root"},
		{"id": float64(7), "name": "Dede Eichmann", "username": "rubi"},
	}
	for i, line := range lines {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
		cmd.Dir = "/"
		answer, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got := object(t, string(answer))
		for name, want := range wants[i] {
			if got[name] != want {
				t.Errorf("%s = %v, want %v", name, got[name], want)
			}
		}
	}
}

// checkDocs requests the printed page. The tests of local/docs check its content.
func checkDocs(t *testing.T, r *running) {
	t.Helper()
	page := regexp.MustCompile(`(?m)^  every route, described +(http://\S+/docs)$`).FindStringSubmatch(r.out.String())
	if page == nil {
		t.Fatalf("no address of the page:\n%s", r.out)
	}
	for target, want := range map[string]string{page[1]: "<title>Postern</title>", page[1] + "/openapi.yaml": "openapi: 3.1"} {
		response, err := http.Get(target)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %v, want %q", target, response.StatusCode, err, want)
		}
	}
}

// checkExamples sends the examples of the internal API's document that are not among the printed lines.
func checkExamples(t *testing.T, r *running) {
	t.Helper()
	key, authority := demo(t)
	cases := map[string]map[string]any{
		"internal/authorized_keys?key=" + url.QueryEscape(key): {
			"id": float64(11), "title": "admin@example.com", "created_at": "2019-06-27T15:29:02.219Z",
		},
		"internal/authorized_certs?user_identifier=root&key=" + url.QueryEscape(authority): {
			"success": true, "namespace": "gitlab-org", "username": "root",
		},
		"internal/check": {"api_version": "v4", "gitlab_version": "12.3.0-pre", "gitlab_rev": "d69c988e6a6", "redis": true},
	}
	for route, want := range cases {
		out, _, _ := r.do("call", "ROUTE="+route)
		got := object(t, out)
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s = %v, want %v", route, name, got[name], value)
			}
		}
	}
}

// demo returns the blob of key 11 and the fingerprint of the certificate authority of the demo directory.
func demo(t *testing.T) (key, authority string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(storetest.Root(t), "local", "directory.json"))
	if err != nil {
		t.Fatal(err)
	}
	var directory struct {
		Keys []struct {
			ID  int
			Key string
		}
		Authorities []struct{ Fingerprint string } `json:"ssh_certificates"`
	}
	if err := json.Unmarshal(content, &directory); err != nil {
		t.Fatal(err)
	}
	for _, k := range directory.Keys {
		if k.ID == 11 {
			key = strings.Fields(k.Key)[1]
		}
	}
	return key, directory.Authorities[0].Fingerprint
}
