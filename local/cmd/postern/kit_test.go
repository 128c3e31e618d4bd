package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"postern/local/state"
	"postern/shared/storetest"
)

// program builds the program below the module's .cache, so it finds its module from any directory.
func program(t *testing.T) string {
	t.Helper()
	//nolint:usetesting // the program finds its module from its own path
	dir, err := os.MkdirTemp(filepath.Join(storetest.Root(t), ".cache"), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	file := filepath.Join(dir, "postern")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return file
}

// output collects the output of a running process.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// running is a system in a process of its own.
type running struct {
	t        *testing.T
	program  string
	cmd      *exec.Cmd
	ended    chan error
	out, err *output
	port     string
	about    state.System
}

// startRun starts `postern run` in the root directory and waits until it serves.
func startRun(t *testing.T, program string, variables ...string) *running {
	t.Helper()
	return start(t, program, append([]string{program, "run", "PORT=0"}, variables...)...)
}

// start starts a command line that runs the system.
func start(t *testing.T, program string, line ...string) *running {
	t.Helper()
	r := &running{t: t, program: program, out: &output{}, err: &output{}, ended: make(chan error, 1)}
	r.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), line[0], line[1:]...)
	r.cmd.Dir, r.cmd.Stdout, r.cmd.Stderr = "/", r.out, r.err
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.ended <- r.cmd.Wait() }()
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	serves := regexp.MustCompile(`at http://127\.0\.0\.1:(\d+)\n(?s:.*)discover\?key_id=7"\n`)
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if found := serves.FindStringSubmatch(r.out.String()); found != nil {
			r.port = found[1]
			r.about = r.load()
			return r
		}
		select {
		case err := <-r.ended:
			t.Fatalf("the program ended: %v\n%s", err, r.err)
		default:
		}
	}
	t.Fatalf("it does not serve:\n%s\n%s", r.out, r.err)
	return nil
}

func (r *running) load() state.System {
	r.t.Helper()
	port, err := strconv.Atoi(r.port)
	if err != nil {
		r.t.Fatal(err)
	}
	about, err := state.Load(storetest.Root(r.t), port)
	if err != nil {
		r.t.Fatal(err)
	}
	return about
}

// end sends a signal and checks that the process, its servers and (unless it was killed) its state disappear.
func (r *running) end(sign syscall.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(sign); err != nil {
		r.t.Fatal(err)
	}
	select {
	case err := <-r.ended:
		if sign != syscall.SIGKILL && err != nil {
			r.t.Errorf("after %v the program ended with %v\n%s", sign, err, r.err)
		}
	case <-time.After(time.Minute):
		r.t.Fatalf("%v does not end the program", sign)
	}
	for _, endpoint := range []string{r.about.URL, r.about.DynamoDB, r.about.Secrets, r.about.Gitaly} {
		if endpoint != "" {
			r.silent(endpoint)
		}
	}
	port, _ := strconv.Atoi(r.port)
	if _, err := state.Load(storetest.Root(r.t), port); sign != syscall.SIGKILL && !errors.Is(err, state.ErrNotRunning) {
		r.t.Errorf("the state remains: %v", err)
	}
	_ = state.Remove(storetest.Root(r.t), port)
}

// silent waits until the port is closed.
func (r *running) silent(endpoint string) {
	r.t.Helper()
	address := strings.TrimPrefix(strings.TrimPrefix(endpoint, "http://"), "tcp://")
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		connection, err := new(net.Dialer).DialContext(r.t.Context(), "tcp", address)
		if err != nil {
			return
		}
		_ = connection.Close()
	}
	r.t.Errorf("%s is still open", address)
}

// do runs another command of the program against this system. The exit status is 0 or 1.
func (r *running) do(arguments ...string) (out, progress string, status int) {
	r.t.Helper()
	return do(r.t, r.program, append(arguments, "PORT="+r.port)...)
}

func do(t *testing.T, program string, arguments ...string) (out, progress string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, arguments...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", &stdout, &stderr
	var exited *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// object parses a JSON object.
func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return o
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// padded is a document that exceeds an invocation's payload.
func padded(document string) string {
	return document + strings.Repeat(" \n", 4<<20)
}

func secretsIn(dir string) []string {
	return []string{fmt.Sprintf("SHELL_SECRET_FILE=%s/secrets/shell", dir), fmt.Sprintf("KAS_SECRET_FILE=%s/secrets/kas", dir)}
}
