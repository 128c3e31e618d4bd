package main_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func checkToken(t *testing.T, r *running) {
	t.Helper()
	jwt := regexp.MustCompile(`^[\w-]+\.[\w-]+\.[\w-]+\n$`)
	for _, variables := range [][]string{nil, {"KIND=kas"}, {"KIND=shell", "TTL=3600"}} {
		if out, progress, status := r.do(append([]string{"token"}, variables...)...); status != 0 || !jwt.MatchString(out) || progress != "" {
			t.Errorf("token %v: status %d, %d bytes, progress %q", variables, status, len(out), progress)
		}
	}
	for _, variable := range []string{"KIND=gitaly", "TTL=soon", "SHELL_SECRET_FILE=/no/such"} {
		if out, progress, status := r.do("token", variable); status != 1 || out != "" || progress == "" {
			t.Errorf("token %s: status %d, %q, %q", variable, status, out, progress)
		}
	}
}

func checkCall(t *testing.T, r *running) {
	t.Helper()
	cases := []struct {
		name, status, want string
		variables          []string
	}{
		{"a GET", "200 OK", `"username":"root"`, []string{"ROUTE=internal/discover?key_id=11"}},
		{
			"a form", "200 OK", `"gl_repository":"project-3"`,
			[]string{"ROUTE=/api/v4/internal/allowed", "DATA=key_id=11&project=gnuwget/wget2&action=git-upload-pack&protocol=ssh"},
		},
		{
			"JSON", "404 Not Found", `"status":false`,
			[]string{"ROUTE=internal/allowed", `DATA={"key_id":"7","project":"no/such","action":"git-upload-pack","protocol":"ssh"}`},
		},
		{
			"an administrator's request", "200 OK", `"failed_check":"push_permission"`,
			[]string{
				"ROUTE=internal/allowed/explain", "PRIVATE_TOKEN=demo-admin-access-token",
				"DATA=key_id=29&project=gnuwget/wget2&action=git-receive-pack&protocol=ssh&changes=_any",
			},
		},
		{
			"an agent's request", "200 OK", `"agent_name":"demo"`,
			[]string{"ROUTE=internal/kubernetes/agent_info", "AGENT_TOKEN=demo-agent-token"},
		},
		{"an unsupported method", "405 Method Not Allowed", "405", []string{"ROUTE=internal/check", "METHOD=DELETE"}},
		{"an unknown path", "404 Not Found", `{"error":"404 Not Found"}`, []string{"ROUTE=internal/nothing"}},
		{"another kind's token", "401 Unauthorized", "401 Unauthorized", []string{"ROUTE=internal/check", "KIND=kas"}},
	}
	for _, c := range cases {
		out, progress, status := r.do(append([]string{"call"}, c.variables...)...)
		if status != 0 || !strings.Contains(out, c.want) || !strings.Contains(progress, c.status) {
			t.Errorf("%s: status %d\n%s%s", c.name, status, progress, out)
		}
	}
}

func checkApply(t *testing.T, r *running) {
	t.Helper()
	const zoe = `{"users":[{"id":500,"username":"zoe","name":"Zoe","email":"zoe@example.com"}]}`
	cases := []struct {
		name, document string
		status         int
		want           *regexp.Regexp
	}{
		{"a new record", zoe, 0, regexp.MustCompile(`(?m)^users +1 +0 +0 +0$`)},
		{"the same record again", zoe, 0, regexp.MustCompile(`(?m)^users +0 +0 +1 +0$`)},
		{"a document that is too large for a payload", padded(zoe), 0, regexp.MustCompile(`(?m)^users +0 +0 +1 +0$`)},
		{"mistakes", `{"users":[{"id":501,"username":7}]}`, 1, regexp.MustCompile(`(?m)^users\[0\]\.username: `)},
		{"malformed JSON", `{"users":`, 1, nil},
	}
	for _, c := range cases {
		out, progress, status := r.do("apply", "DOC="+writeFile(t, "document.json", c.document))
		if status != c.status || c.want != nil && !c.want.MatchString(out) {
			t.Errorf("%s: status %d\n%s%s", c.name, status, progress, out)
		}
	}
	for _, document := range []string{`{"users":[{"id":500,"state":"blocked"}]}`, padded(`{"users":[{"id":500,"state":"blocked"}]}`)} {
		out, progress, status := r.do("apply", "DRY_RUN=1", "DOC="+writeFile(t, "document.json", document))
		if status != 0 || !strings.Contains(out, "updated users id=500\n  state: \"active\" -> \"blocked\"\nnothing was written") {
			t.Errorf("a preview: status %d\n%s%s", status, progress, out)
		}
	}
	if _, progress, status := r.do("apply"); status != 1 || !strings.Contains(progress, "DOC is missing") {
		t.Errorf("without a document: status %d, %s", status, progress)
	}
}

// checkExport loads an export into its own system without a change.
func checkExport(t *testing.T, r *running) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "directory.json")
	if _, progress, status := r.do("export", "FILE="+file); status != 0 || !strings.Contains(progress, "omitted secret") {
		t.Fatalf("status %d, %s", status, progress)
	}
	if _, progress, status := r.do("export", "FILE="+file); status != 1 || !strings.Contains(progress, "exists") {
		t.Errorf("over a file: status %d, %s", status, progress)
	}
	out, progress, status := r.do("apply", "DOC="+file)
	if status != 0 || !regexp.MustCompile(`(?m)^users +0 +0 +[1-9]\d* +0$`).MatchString(out) {
		t.Errorf("status %d\n%s%s", status, progress, out)
	}
}
