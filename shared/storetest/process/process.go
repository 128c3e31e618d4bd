// Package process starts the servers of tests and of the local system (a JVM, a Python program). They never outlive their
// owner, even if it is killed.
//
// Each server runs below a small shell supervisor with the read end of a pipe. The owner has the only write end. The
// kernel closes the write end when the owner exits, and the supervisor then stops the server. This is portable and needs
// neither goroutine nor thread.
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

// supervisor runs "$@". Descriptor 3 is closed when the owner exits or stops the server. The server then gets SIGTERM, and
// SIGKILL five seconds later. Descriptor 4 stays open while the supervisor runs.
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

// ErrEnded reports a server that exited without a Stop.
var ErrEnded = errors.New("ended by itself")

// Child is one running server.
type Child struct {
	name  string
	log   string
	cmd   *exec.Cmd
	life  *os.File // write end of the pipe that keeps the server alive
	alive *os.File // closed when the supervisor exits
	stop  sync.Once
}

// Command describes a server. Name appears in messages. Log is the file for the output, and is truncated. Env is added to
// the environment. Dir is the working directory.
type Command struct {
	Name string
	Args []string
	Dir  string
	Env  []string
	Log  string
}

// Start starts the server in its own process group, so that Ctrl-C reaches only the owner, which stops it in order.
// Callers must keep the Child: a collected one stops its server.
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
	//nolint:gosec,noctx // runs the caller's command until Stop, beyond any context
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

// Ended waits up to the given time, or without limit for 0, and reports whether the server has exited.
func (c *Child) Ended(within time.Duration) bool {
	var until time.Time
	if within > 0 {
		until = time.Now().Add(within)
	}
	if err := c.alive.SetReadDeadline(until); err != nil {
		return true // closed by Stop
	}
	_, err := c.alive.Read(make([]byte, 1))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// Failure returns ErrEnded with the last lines of the server's output.
func (c *Child) Failure() error {
	return fmt.Errorf("%s %w; its log %s ends with:\n%s", c.name, ErrEnded, c.log, tail(c.log, 2000))
}

// Stop stops the server and waits for its exit: SIGTERM first, SIGKILL after 5 s. A second call does nothing.
func (c *Child) Stop() {
	c.stop.Do(func() {
		closeAll(c.life)
		_ = c.cmd.Wait() // the status only reflects the signal
		closeAll(c.alive)
	})
}

// tail returns the last lines of a file within a limit of bytes, "" for an unreadable file.
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

// closeAll closes files and ignores errors, which have no consequence here.
func closeAll(files ...*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}
