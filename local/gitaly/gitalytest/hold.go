package gitalytest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// holdTime is the longest time for a push to reach its hook on a busy machine.
const holdTime = time.Minute

// holding is a pre-receive hook that records its input, waits for a signal to end, and rejects the push.
const holding = `#!/bin/sh
{ echo "$GIT_OBJECT_DIRECTORY"; echo "$GIT_ALTERNATE_OBJECT_DIRECTORIES"; cat; } >held.new
mv held.new held
while [ ! -e go ]; do sleep 0.02; done
exit 1
`

// Held is a push of one ref that waits in the repository's pre-receive hook, with the directories of its quarantine.
type Held struct {
	Quarantine
	Old, New, Ref string

	refuse func() error
}

// Refuse rejects the push and returns git's error. The push also ends with the test.
func (h *Held) Refuse() error { return h.refuse() }

// HoldPush pushes one ref from a clone and returns when the push is in the hook.
func (r *Repository) HoldPush(t testing.TB, c *Clone, arguments ...string) *Held {
	t.Helper()
	record, leave := filepath.Join(r.Path, "held"), filepath.Join(r.Path, "go")
	for _, old := range []string{record, leave} {
		if err := os.Remove(old); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("hold: %v", err)
		}
	}
	hook := filepath.Join(r.Path, "hooks", "pre-receive")
	if err := os.WriteFile(hook, []byte(holding), 0o700); err != nil { //nolint:gosec // a hook is a program
		t.Fatalf("hold: %v", err)
	}
	ended := make(chan error, 1)
	ctx := context.WithoutCancel(t.Context())
	go func() {
		_, err := git(ctx, c.Path, nil, append([]string{"push", "origin"}, arguments...)...)
		ended <- err
	}()
	h := &Held{refuse: sync.OnceValue(func() error {
		if err := os.WriteFile(leave, nil, 0o600); err != nil {
			return err
		}
		return <-ended
	})}
	t.Cleanup(func() { _ = h.refuse() })
	h.read(t, r, record)
	return h
}

// read waits for the hook's record and parses it.
func (h *Held) read(t testing.TB, r *Repository, record string) {
	t.Helper()
	for deadline := time.Now().Add(holdTime); ; time.Sleep(10 * time.Millisecond) {
		content, err := os.ReadFile(record) //nolint:gosec // the hook's file
		if err == nil {
			h.parse(t, r, string(content))
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("hold: the push did not reach its hook: %v", err)
		}
	}
}

func (h *Held) parse(t testing.TB, r *Repository, record string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(record), "\n")
	if len(lines) != 3 || len(strings.Fields(lines[2])) != 3 {
		t.Fatalf("hold: unexpected input of the hook\n%s", record)
	}
	change := strings.Fields(lines[2])
	h.Old, h.New, h.Ref, h.Commit = change[0], change[1], change[2], change[1]
	h.ObjectDirectory = r.below(t, lines[0])
	for alternate := range strings.SplitSeq(lines[1], ":") {
		h.AlternateObjectDirectories = append(h.AlternateObjectDirectories, r.below(t, alternate))
	}
}

// below returns a path relative to the repository.
func (r *Repository) below(t testing.TB, path string) string {
	t.Helper()
	if !filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	relative, err := filepath.Rel(r.Path, path)
	if err != nil {
		t.Fatalf("hold: %v", err)
	}
	return relative
}
