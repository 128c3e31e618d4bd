// Package process starts the servers that a test or the local system needs (a JVM, a Python program) so that they
// never outlive the one who started them, however that one ends: a stop, a signal, a crash, even SIGKILL.
//
// Each server is the child of a small shell supervisor that holds the reading end of a pipe whose only writing end is
// ours. The kernel closes ours when we end; the supervisor sees the end of the pipe and ends the server. This needs no
// goroutine, no thread and nothing that only one system has.
package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// supervisor runs "$@". Descriptor 3 ends when its owner does (or says stop): then the server gets SIGTERM, and
// SIGKILL five seconds later. Descriptor 4 is held open as long as the supervisor lives; the server does not have it.
const supervisor = `
"$@" </dev/null 3<&- 4>&- &
server=$!
{
	read -r _ <&3
	kill "$server"
	tries=0
	while kill -0 "$server" && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
	kill -9 "$server"
} 4>&- >/dev/null 2>&1 &
watcher=$!
wait "$server"
status=$?
kill -9 "$watcher" 2>/dev/null
exit "$status"
`

// ErrEnded says that a server ended although nobody stopped it.
var ErrEnded = errors.New("ended by itself")

// Child is one running server.
type Child struct {
	name  string
	log   string
	cmd   *exec.Cmd
	life  *os.File // our end of the pipe that keeps the server alive
	alive *os.File // ends when the supervisor has
	stop  sync.Once
}

// Command says what to start. Name is what messages call it; Log is the file that gets its output (made anew);
// Env is added to our environment; Dir is where it runs.
type Command struct {
	Name string
	Args []string
	Dir  string
	Env  []string
	Log  string
}

// Start starts the server in a process group of its own, so that Ctrl-C reaches us only and we end it in order. It
// lives as long as the Child is kept: one that nobody refers to any more is closed by the garbage collector.
func Start(c Command) (*Child, error) {
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("log of %s: %w", c.Name, err)
	}
	defer closeAll(log)
	lifeRead, lifeWrite, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	defer closeAll(lifeRead)
	aliveRead, aliveWrite, err := os.Pipe()
	if err != nil {
		closeAll(lifeWrite)
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	defer closeAll(aliveWrite)
	//nolint:gosec,noctx // runs what our own caller names, until Stop: longer than any one context
	cmd := exec.Command("/bin/sh", append([]string{"-c", supervisor, c.Name}, c.Args...)...)
	cmd.Dir, cmd.Env = c.Dir, append(os.Environ(), c.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{lifeRead, aliveWrite}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		closeAll(lifeWrite, aliveRead)
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	return &Child{name: c.Name, log: c.Log, cmd: cmd, life: lifeWrite, alive: aliveRead}, nil
}

// Ended waits up to the given time and reports whether the server has ended; 0 waits as long as it runs.
func (c *Child) Ended(within time.Duration) bool {
	var until time.Time
	if within > 0 {
		until = time.Now().Add(within)
	}
	if err := c.alive.SetReadDeadline(until); err != nil {
		return true // closed: Stop has been here
	}
	_, err := c.alive.Read(make([]byte, 1))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// Failure is the error of a server that ended although nobody stopped it: ErrEnded with the last lines of its output.
func (c *Child) Failure() error {
	return fmt.Errorf("%s %w; its log %s ends with:\n%s", c.name, ErrEnded, c.log, tail(c.log, 2000))
}

// Stop ends the server and returns when it is gone; SIGTERM first, SIGKILL after 5 s. Stopping twice does nothing.
func (c *Child) Stop() {
	c.stop.Do(func() {
		closeAll(c.life)
		_ = c.cmd.Wait() // its status says only that we ended it
		closeAll(c.alive)
	})
}

// tail returns the last bytes of a file, from the start of a line where it can; "" when it can't be read.
func tail(name string, limit int64) string {
	file, err := os.Open(name) //nolint:gosec // the log that Start made
	if err != nil {
		return ""
	}
	defer closeAll(file)
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	start := max(info.Size()-limit, 0)
	text, err := io.ReadAll(io.NewSectionReader(file, start, limit))
	if err != nil {
		return ""
	}
	if _, rest, found := strings.Cut(string(text), "\n"); start > 0 && found {
		return rest
	}
	return string(text)
}

// closeAll closes files whose closing can't tell us anything that we would act on.
func closeAll(files ...*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}
