package main_test

import (
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestRun starts a system with persisted data, uses it, stops it, starts it again, and kills it.
func TestRun(t *testing.T) {
	program, dir := program(t), t.TempDir()
	variables := append(secretsIn(dir), "PERSIST="+dir+"/data", "REPOSITORIES="+dir, "GITALY_PORT=0", "GITALY_TOKEN=gtok")

	r := startRun(t, program, variables...)
	t.Run("the printed lines work", func(t *testing.T) { checkPasted(t, r) })
	t.Run("token", func(t *testing.T) { checkToken(t, r) })
	t.Run("call", func(t *testing.T) { checkCall(t, r) })
	t.Run("the document's examples", func(t *testing.T) { checkExamples(t, r) })
	t.Run("the document's page", func(t *testing.T) { checkDocs(t, r) })
	t.Run("apply", func(t *testing.T) { checkApply(t, r) })
	t.Run("export", func(t *testing.T) { checkExport(t, r) })
	t.Run("exec runs beside the system", func(t *testing.T) { checkExec(t, program) })
	t.Run("repositories", func(t *testing.T) { checkRepositories(t, r, dir) })
	t.Run("restore", func(t *testing.T) { checkRestore(t, r) })
	t.Run("containers", func(t *testing.T) { checkContainers(t, r) })
	t.Run("a used port", func(t *testing.T) {
		_, progress, status := do(t, program, "run", "PORT="+r.port)
		if status != 1 || !strings.Contains(progress, "PORT="+r.port+" cannot be served") {
			t.Errorf("status %d: %s", status, progress)
		}
	})
	r.end(syscall.SIGINT)

	r = startRun(t, program, variables...)
	if !strings.Contains(r.err.String(), "has data already: no directory is loaded") {
		t.Errorf("no line about the skipped directory:\n%s", r.err)
	}
	if out, _, _ := r.do("call", "ROUTE=internal/discover?username=zoe"); !strings.Contains(out, `"name":"Zoe"`) {
		t.Errorf("the applied user zoe is %s", out)
	}
	r.end(syscall.SIGKILL)

	r = startRun(t, program, append(variables, "DIRECTORY="+writeFile(t, "d.json", `{"users":[]}`))...)
	if strings.Contains(r.err.String(), "no directory is loaded") {
		t.Error("DIRECTORY is not loaded into persisted data")
	}
	r.end(syscall.SIGTERM)
}

func TestRunEndsWithAKilledMake(t *testing.T) {
	program := program(t)
	t.Setenv("MAKELEVEL", "1")
	const parent = `"$@" & wait`
	r := start(t, program, append([]string{"sh", "-c", parent, "make", program, "run", "PORT=0"}, secretsIn(t.TempDir())...)...)
	r.end(syscall.SIGKILL)
	if !strings.Contains(r.err.String(), "stopping") {
		t.Errorf("no clean end:\n%s", r.err)
	}
	if r.about.Gitaly != "" || strings.Contains(r.out.String(), "Gitaly  ") {
		t.Errorf("a Gitaly without REPOSITORIES at %q:\n%s", r.about.Gitaly, r.out)
	}
}

func TestRunRejectsInvalidVariables(t *testing.T) {
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
		{"a document that is not JSON", []string{"DIRECTORY=" + writeFile(t, "d.json", `users: []`)}, nil},
		{"a malformed port", []string{"PORT=http"}, []string{"PORT=http: must be a port"}},
		{"a used port of a server", []string{"SECRETS_PORT=" + port}, []string{"moto's server: port " + port}},
		{"missing repositories", []string{"REPOSITORIES=/no/such"}, []string{"REPOSITORIES=/no/such: no such file"}},
		{"a used port of Gitaly", []string{"REPOSITORIES=" + dir, "GITALY_PORT=" + port}, []string{"GITALY_PORT=" + port + " cannot be served"}},
		{"a bad secret of kas", []string{"KAS_SECRET_FILE=" + writeFile(t, "kas", "short")}, []string{"base64 of exactly 32 bytes"}},
		{"an argument that is not a variable", []string{"--help"}, []string{"arguments are NAME=value"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, progress, status := do(t, program, append(append([]string{"run", "PORT=0"}, secretsIn(dir)...), c.variables...)...)
			if status != 1 {
				t.Errorf("status %d", status)
			}
			for _, want := range c.want {
				if !strings.Contains(progress, want) {
					t.Errorf("no %q in:\n%s", want, progress)
				}
			}
		})
	}
}
