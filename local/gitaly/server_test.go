package gitaly_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly/gitalypb"
)

func TestNewReportsMissingParts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, folder, path, want string
	}{
		{"a missing folder", "/no/such", os.Getenv("PATH"), "no such file"},
		{"a folder that is a file", file, os.Getenv("PATH"), "not a directory"},
		{"no git", t.TempDir(), "/no/such", "needs git"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("PATH", c.path)
			if _, err := local.New(local.Options{Repositories: c.folder}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("New = %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestStoppedServerRejectsServe(t *testing.T) {
	server, err := local.New(local.Options{Repositories: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	server.Stop()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(listener); err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
	if _, err := listener.Accept(); err == nil {
		t.Error("the listener is still open")
	}
}

func TestServeReportsAFailedListener(t *testing.T) {
	server, err := local.New(local.Options{Repositories: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if err := server.Serve(listener); err == nil {
		t.Error("Serve on a closed listener returned no error")
	}
}

// sleepy puts a git into PATH that writes its process id and then sleeps for longer than any test.
func sleepy(t *testing.T) (pid string) {
	t.Helper()
	dir := t.TempDir()
	pid = filepath.Join(dir, "pid")
	script := "#!/bin/sh\necho $$ >" + pid + ".new\nPATH=" + os.Getenv("PATH") + "\nmv " + pid + ".new " + pid + "\nexec sleep 600\n"
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return pid
}

// hanging serves a repository with a git that never ends. It returns the server, a request, and a function that waits for git's
// process id.
func hanging(t *testing.T) (server *gitalytest.Server, question func(context.Context) error, process func() int) {
	t.Helper()
	folder := t.TempDir()
	r := gitalytest.NewRepository(t, folder, relative, gitalytest.SHA1)
	file := sleepy(t)
	server = gitalytest.Serve(t, local.Options{Repositories: folder}, "")
	client := connect(t, server.Address)
	question = func(ctx context.Context) error {
		_, err := client.CommitIsAncestor(ctx, &gitalypb.CommitIsAncestorRequest{Repository: message(relative), AncestorId: r.A, ChildId: r.B})
		return err
	}
	return server, question, func() int { return running(t, file) }
}

// running waits for a process id in a file.
func running(t *testing.T, file string) int {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if content, err := os.ReadFile(file); err == nil {
			pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("git was not started")
	return 0
}

// waitForEnd waits until the process has ended.
func waitForEnd(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return
		}
	}
	t.Errorf("process %d still runs", pid)
}

func TestGitEndsWithItsCaller(t *testing.T) {
	_, question, process := hanging(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- question(ctx) }()
	pid := process()
	cancel()
	if err := <-ended; status.Code(err) != codes.Canceled {
		t.Errorf("error %v, want Canceled", err)
	}
	waitForEnd(t, pid)
}

func TestStopEndsRunningCalls(t *testing.T) {
	server, question, process := hanging(t)
	ended := make(chan error, 1)
	go func() { ended <- question(context.WithoutCancel(t.Context())) }()
	pid := process()
	server.Stop()
	if err := <-ended; err == nil {
		t.Error("the request succeeded")
	}
	waitForEnd(t, pid)
}
