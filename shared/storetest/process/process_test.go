package process_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"postern/shared/storetest/process"
)

// owner is the variable that makes the test binary act as the owner of a server.
const owner = "PROCESS_TEST_OWNER"

func TestMain(m *testing.M) {
	if log := os.Getenv(owner); log != "" {
		own(log)
		return
	}
	goleak.VerifyTestMain(m)
}

// own starts a server that logs its process id, and waits until it is killed.
func own(log string) {
	child, err := process.Start(process.Command{Name: "server", Args: sleeper, Log: log})
	if err != nil {
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString("started\n")
	child.Ended(0)
}

// sleeper logs its process id and sleeps longer than any test.
var sleeper = []string{"sh", "-c", "echo $$; exec sleep 600"}

// stubborn is a sleeper that ignores SIGTERM.
var stubborn = []string{"sh", "-c", "trap '' TERM; echo $$; while :; do sleep 1; done"}

func TestStopEndsServer(t *testing.T) {
	for name, args := range map[string][]string{"default": sleeper, "SIGTERM ignored": stubborn} {
		t.Run(name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "log")
			child := start(t, process.Command{Name: "server", Args: args, Log: log})
			pid := serverPID(t, log)
			if child.Ended(time.Millisecond) {
				t.Fatal("the server exited before Stop")
			}
			child.Stop()
			child.Stop() // does nothing
			awaitExit(t, pid)
			if !child.Ended(time.Second) {
				t.Error("a stopped server still runs")
			}
		})
	}
}

func TestServerEndsWithOwner(t *testing.T) {
	for name, sign := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "terminated": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "log")
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), owner+"="+log)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "started\n" {
				t.Fatalf("the owner wrote %q, %v", line, err)
			}
			pid := serverPID(t, log)
			if err := cmd.Process.Signal(sign); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err == nil {
				t.Error("the owner exited without a signal")
			}
			awaitExit(t, pid)
		})
	}
}

func TestFailureReportsUnexpectedExit(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	child := start(t, process.Command{
		Name: "the server", Args: []string{"sh", "-c", "echo its last words; exit 3"}, Log: log,
	})
	if !child.Ended(0) {
		t.Fatal("the server still runs")
	}
	err := child.Failure()
	if !errors.Is(err, process.ErrEnded) || !strings.Contains(err.Error(), "the server") || !strings.Contains(err.Error(), "its last words") {
		t.Errorf("error = %v, want ErrEnded with the name and the output", err)
	}
}

func TestFailureShowsEndOfLongLog(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	child := start(t, process.Command{
		Name: "server", Args: []string{"sh", "-c", "seq 1 5000; echo the end"}, Log: log,
	})
	child.Ended(0)
	text := child.Failure().Error()
	if !strings.HasSuffix(text, "\n5000\nthe end\n") || len(text) > 3000 {
		t.Errorf("%d bytes, ends with %q", len(text), text[len(text)-20:])
	}
}

func TestStartSetsEnvironmentAndDirectory(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "log")
	child := start(t, process.Command{
		Name: "server", Args: []string{"sh", "-c", `echo "$WORD"; pwd -P; cat; ls -1 /proc/self/fd 2>/dev/null | wc -l`},
		Dir: dir, Env: []string{"WORD=hello"}, Log: log,
	})
	child.Ended(0)
	content, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(content, []byte("hello\n"+dir+"\n")) {
		t.Errorf("output %q", content)
	}
}

func TestStartReportsUnwritableLog(t *testing.T) {
	_, err := process.Start(process.Command{Name: "server", Args: sleeper, Log: filepath.Join(t.TempDir(), "no", "log")})
	if err == nil || !strings.Contains(err.Error(), "log of server") {
		t.Errorf("error = %v, want a mention of the log", err)
	}
}

func TestReadyAwaitsAnswer(t *testing.T) {
	answering := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(answering.Close)
	silent := "http://127.0.0.1:" + strconv.Itoa(freePort(t))
	cases := []struct {
		name, url string
		args      []string
		want      string // a part of the error, "" for none
	}{
		{"any answer", answering.URL, sleeper, ""},
		{"an exited server fails immediately", silent, []string{"true"}, "ended by itself"},
		{"a silent server fails after the timeout", silent, sleeper, "does not answer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			child := start(t, process.Command{Name: "server", Args: c.args, Log: filepath.Join(t.TempDir(), "log")})
			within := time.Minute
			if c.want == "does not answer" {
				within = 200 * time.Millisecond
			}
			err := process.Ready(t.Context(), child, c.url, within)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("Ready = %v, want %q", err, c.want)
			}
		})
	}
}

func TestPortChecksAvailability(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := taken.Addr().(*net.TCPAddr).Port
	if _, err := process.Port(t.Context(), port); err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
		t.Errorf("error = %v, want the taken port", err)
	}
	free := freePort(t)
	if got, err := process.Port(t.Context(), free); err != nil || got != free {
		t.Errorf("Port(%d) = %d, %v; want the same", free, got, err)
	}
}

func start(t *testing.T, c process.Command) *process.Child {
	t.Helper()
	child, err := process.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(child.Stop)
	return child
}

// serverPID waits for the process id in the first line of a log.
func serverPID(t *testing.T, log string) int {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		content, _ := os.ReadFile(log)
		if line, _, whole := strings.Cut(string(content), "\n"); whole {
			pid, err := strconv.Atoi(line)
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("the server wrote nothing")
	return 0
}

// awaitExit waits until the process has exited.
func awaitExit(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return
		}
	}
	t.Errorf("process %d still runs", pid)
}

func freePort(t *testing.T) int {
	t.Helper()
	port, err := process.Port(context.WithoutCancel(t.Context()), 0)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
