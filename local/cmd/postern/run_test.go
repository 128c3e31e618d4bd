package main_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
)

// TestRun is the life of a system with kept data: it is started, used, ended, started again, and killed.
func TestRun(t *testing.T) {
	program, dir := program(t), t.TempDir()
	variables := append(secretsIn(dir), "PERSIST="+dir+"/data", "REPOSITORIES="+dir, "GITALY_PORT=0", "GITALY_TOKEN=gtok")

	r := startRun(t, program, variables...)
	t.Run("the lines that it prints work when pasted", func(t *testing.T) { checkPasted(t, r) })
	t.Run("token", func(t *testing.T) { checkToken(t, r) })
	t.Run("call", func(t *testing.T) { checkCall(t, r) })
	t.Run("the document's examples", func(t *testing.T) { checkExamples(t, r) })
	t.Run("the document's page", func(t *testing.T) { checkDocs(t, r) })
	t.Run("apply", func(t *testing.T) { checkApply(t, r) })
	t.Run("export", func(t *testing.T) { checkExport(t, r) })
	t.Run("exec runs beside it", func(t *testing.T) { checkExec(t, program) })
	t.Run("repositories", func(t *testing.T) { checkRepositories(t, r, dir) })
	t.Run("restore brings items back", func(t *testing.T) { checkRestore(t, r) })
	t.Run("containers leads to it", func(t *testing.T) { checkContainers(t, r) })
	t.Run("its port is taken", func(t *testing.T) {
		_, progress, status := do(t, program, "run", "PORT="+r.port)
		if status != 1 || !strings.Contains(progress, "PORT="+r.port+" cannot be served") {
			t.Errorf("status %d: %s", status, progress)
		}
	})
	r.end(syscall.SIGINT)

	r = startRun(t, program, variables...)
	if !strings.Contains(r.err.String(), "has data already: no directory is loaded") {
		t.Errorf("it does not say that nothing is loaded:\n%s", r.err)
	}
	if out, _, _ := r.do("call", "ROUTE=internal/discover?username=zoe"); !strings.Contains(out, `"name":"Zoe"`) {
		t.Errorf("zoe, who was applied, is %s", out)
	}
	r.end(syscall.SIGKILL)

	r = startRun(t, program, append(variables, "DIRECTORY="+writeFile(t, "d.json", `{"users":[]}`))...)
	if strings.Contains(r.err.String(), "no directory is loaded") {
		t.Error("a document that is named is not loaded into kept data")
	}
	r.end(syscall.SIGTERM)
}

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

// checkDocs looks at the page that the system names; what is in it is tested in local/docs.
func checkDocs(t *testing.T, r *running) {
	t.Helper()
	page := regexp.MustCompile(`(?m)^  every route, described +(http://\S+/docs)$`).FindStringSubmatch(r.out.String())
	if page == nil {
		t.Fatalf("no page is named:\n%s", r.out)
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

func checkToken(t *testing.T, r *running) {
	t.Helper()
	jwt := regexp.MustCompile(`^[\w-]+\.[\w-]+\.[\w-]+\n$`)
	for _, variables := range [][]string{nil, {"KIND=kas"}, {"KIND=shell", "TTL=3600"}} {
		if out, progress, status := r.do(append([]string{"token"}, variables...)...); status != 0 || !jwt.MatchString(out) || progress != "" {
			t.Errorf("token %v: status %d, %d bytes, and says %q", variables, status, len(out), progress)
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
			"an administrator's question", "200 OK", `"failed_check":"push_permission"`,
			[]string{
				"ROUTE=internal/allowed/explain", "PRIVATE_TOKEN=demo-admin-access-token",
				"DATA=key_id=29&project=gnuwget/wget2&action=git-receive-pack&protocol=ssh&changes=_any",
			},
		},
		{
			"an agent's question", "200 OK", `"agent_name":"demo"`,
			[]string{"ROUTE=internal/kubernetes/agent_info", "AGENT_TOKEN=demo-agent-token"},
		},
		{"a wrong verb", "405 Method Not Allowed", "405", []string{"ROUTE=internal/check", "METHOD=DELETE"}},
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

// checkExamples asks for the examples of the internal API's document that are not among the lines to paste.
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

// demo returns, of the demo directory, the blob of key 11 and the fingerprint of the certificate authority.
func demo(t *testing.T) (key, authority string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(t), "local", "directory.json"))
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

func checkApply(t *testing.T, r *running) {
	t.Helper()
	const zoe = `{"users":[{"id":500,"username":"zoe","name":"Zoe","email":"zoe@example.com"}]}`
	cases := []struct {
		name, document string
		status         int
		want           *regexp.Regexp
	}{
		{"a new record", zoe, 0, regexp.MustCompile(`(?m)^users +1 +0 +0 +0$`)},
		{"the same again", zoe, 0, regexp.MustCompile(`(?m)^users +0 +0 +1 +0$`)},
		{"a document that is too large for a payload", padded(zoe), 0, regexp.MustCompile(`(?m)^users +0 +0 +1 +0$`)},
		{"mistakes", `{"users":[{"id":501,"username":7}]}`, 1, regexp.MustCompile(`(?m)^users\[0\]\.username: `)},
		{"no JSON", `{"users":`, 1, nil},
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

// checkExport loads what was exported where it came from: nothing changes.
func checkExport(t *testing.T, r *running) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "directory.json")
	if _, progress, status := r.do("export", "FILE="+file); status != 0 || !strings.Contains(progress, "left out, because it is secret") {
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

func checkExec(t *testing.T, program string) {
	t.Helper()
	out, progress, status := do(t, program, "exec", "--", "sh", "-c", `echo "$POSTERN_DYNAMODB $POSTERN_SECRETS"; exit 7`)
	endpoints := strings.Fields(out)
	if status != 7 || len(endpoints) != 2 {
		t.Fatalf("status %d, %q, %s; want 7 and two endpoints", status, out, progress)
	}
	for _, endpoint := range endpoints {
		(&running{t: t}).silent(endpoint)
	}
}

// checkRepositories asks the local Gitaly about a repository in its folder.
func checkRepositories(t *testing.T, r *running, folder string) {
	t.Helper()
	if !strings.Contains(r.out.String(), "  Gitaly                   "+r.about.Gitaly+"\n") || r.about.Gitaly == "" {
		t.Errorf("it does not say where Gitaly is (%q):\n%s", r.about.Gitaly, r.out)
	}
	repository := gitalytest.NewRepository(t, folder, "acme/app.git", gitalytest.SHA1)
	client := gitaly.New(gitaly.Options{})
	defer client.Close()
	storage := gitlab.Storage{Name: "default", Address: r.about.Gitaly, Token: new("gtok")}
	pairs := []gitaly.Pair{{Ancestor: repository.A, Child: repository.B}, {Ancestor: repository.B, Child: repository.A}}
	if got, err := client.Ancestors(t.Context(), storage, repository.Name(), pairs); err != nil || !got[0] || got[1] {
		t.Errorf("Ancestors = %v, %v; want yes and no", got, err)
	}
	storage.Token = nil
	if got, err := client.Ancestors(t.Context(), storage, repository.Name(), pairs); err == nil {
		t.Errorf("without the token: %v", got)
	}
}

// checkContainers looks at what a command is told that runs the functions in containers. What it is told to call is
// another address than ours, of whichever engine for containers is here.
func checkContainers(t *testing.T, r *running) {
	t.Helper()
	t.Setenv("PORT", r.port)
	t.Setenv("AWS_SESSION_TOKEN", "of another account")
	const line = `echo "$TABLE_NAME $SHELL_SECRET_ID $KAS_SECRET_ID $AWS_ACCESS_KEY_ID$AWS_SESSION_TOKEN $AWS_DEFAULT_REGION"
for e in "$AWS_ENDPOINT_URL_DYNAMODB" "$AWS_ENDPOINT_URL_SECRETS_MANAGER" "$AWS_ENDPOINT_URL_S3" "$AWS_ENDPOINT_URL_EVENTBRIDGE" \
	"$AWS_ENDPOINT_URL_SQS" "$FAILURES_QUEUE_URL"; do echo "$e"; done; exit 7`
	out, progress, status := do(t, r.program, "containers", "--", "sh", "-c", line)
	told := strings.Split(strings.TrimSpace(out), "\n")
	if status != 7 || len(told) != 7 || told[0] != "postern postern-shell postern-kas local us-east-1" {
		t.Fatalf("status %d, %s%s", status, out, progress)
	}
	if !strings.HasSuffix(told[6], "/postern-failures") {
		t.Errorf("the queue of failures is told as %s", told[6])
	}
	for i, ours := range []string{r.about.DynamoDB, r.about.Secrets, r.about.Secrets, r.about.Secrets, r.about.Secrets} {
		endpoint, err := url.Parse(told[i+1])
		if err != nil || endpoint.Port() == "" || told[i+1] == ours {
			t.Errorf("%s is told as %s", ours, told[i+1])
		}
	}
	t.Setenv("PORT", "1")
	if _, progress, status := do(t, r.program, "containers", "--", "true"); status != 1 || !strings.Contains(progress, "no system runs") {
		t.Errorf("without a system: status %d, %s", status, progress)
	}
}

func TestRunEndsWithAKilledMake(t *testing.T) {
	program := program(t)
	t.Setenv("MAKELEVEL", "1")
	const parent = `"$@" & wait`
	r := start(t, program, append([]string{"sh", "-c", parent, "make", program, "run", "PORT=0"}, secretsIn(t.TempDir())...)...)
	r.end(syscall.SIGKILL)
	if !strings.Contains(r.err.String(), "stopping") {
		t.Errorf("it does not end in order:\n%s", r.err)
	}
	if r.about.Gitaly != "" || strings.Contains(r.out.String(), "Gitaly  ") {
		t.Errorf("there is a Gitaly without repositories at %q:\n%s", r.about.Gitaly, r.out)
	}
}

func TestRunRefusesWhatItCannotServe(t *testing.T) {
	program := program(t)
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	dir := t.TempDir()
	cases := []struct {
		name      string
		variables []string
		want      []string
	}{
		{"a missing document", []string{"DIRECTORY=/no/such.json"}, []string{"DIRECTORY=/no/such.json: no such file"}},
		{
			"a document with mistakes",
			[]string{"DIRECTORY=" + writeFile(t, "d.json", `{"users":[{"id":1}],"keys":[{"id":true}]}`)},
			[]string{"users[0].username: ", "users[0].email: ", "keys[0].id: ", "nothing was loaded"},
		},
		{"a document that is no JSON", []string{"DIRECTORY=" + writeFile(t, "d.json", `users: []`)}, nil},
		{"a port that is none", []string{"PORT=http"}, []string{"PORT=http: must be a port"}},
		{"a port of a server that is taken", []string{"SECRETS_PORT=" + port}, []string{"moto's server: port " + port}},
		{"repositories that are not there", []string{"REPOSITORIES=/no/such"}, []string{"REPOSITORIES=/no/such: no such file"}},
		{"a port of Gitaly that is taken", []string{"REPOSITORIES=" + dir, "GITALY_PORT=" + port}, []string{"GITALY_PORT=" + port + " cannot be served"}},
		{"a bad secret of kas", []string{"KAS_SECRET_FILE=" + writeFile(t, "kas", "short")}, []string{"base64 of exactly 32 bytes"}},
		{"an argument that is no variable", []string{"--help"}, []string{"arguments are NAME=value"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, progress, status := do(t, program, append(append([]string{"run", "PORT=0"}, secretsIn(dir)...), c.variables...)...)
			if status != 1 {
				t.Errorf("status %d", status)
			}
			for _, want := range c.want {
				if !strings.Contains(progress, want) {
					t.Errorf("it does not say %q:\n%s", want, progress)
				}
			}
		})
	}
}

func TestUsage(t *testing.T) {
	program := program(t)
	for _, arguments := range [][]string{nil, {"help"}, {"token", "KIND"}, {"exec"}, {"exec", "true"}, {"exec", "--"}, {"containers"}, {"rehearse"}, {"call", "PORT=1"}} {
		out, progress, status := do(t, program, arguments...)
		if status != 1 || out != "" || progress == "" {
			t.Errorf("postern %v: status %d, %q, %q", arguments, status, out, progress)
		}
	}
}
