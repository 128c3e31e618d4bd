package gitalytest

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Clone is somebody's working copy of a repository.
type Clone struct {
	Path    string
	commits int
}

// Clone clones the repository, as its users do.
func (r *Repository) Clone(t testing.TB) *Clone {
	t.Helper()
	c := &Clone{Path: filepath.Join(t.TempDir(), "clone")}
	Git(t, r.Path, nil, "clone", "--quiet", r.Path, c.Path)
	return c
}

// Reset lets the clone's branch be at a commit, so that the next one grows there.
func (c *Clone) Reset(t testing.TB, id string) {
	t.Helper()
	Git(t, c.Path, nil, "reset", "--quiet", "--hard", id)
}

// Commit changes a file on the clone's branch and returns the new commit.
func (c *Clone) Commit(t testing.TB) string {
	t.Helper()
	c.commits++
	if err := os.WriteFile(filepath.Join(c.Path, "file"), []byte(strconv.Itoa(c.commits)+"\n"), 0o600); err != nil {
		t.Fatalf("commit: %v", err)
	}
	Git(t, c.Path, nil, "add", "file")
	Git(t, c.Path, nil, "commit", "--quiet", "--message", "change "+strconv.Itoa(c.commits))
	return Git(t, c.Path, nil, "rev-parse", "HEAD")
}

// Push pushes to the repository, such as "HEAD:main" or "--force", "HEAD:main", and returns git's error if it is refused.
func (c *Clone) Push(t testing.TB, arguments ...string) (said string, err error) {
	t.Helper()
	return git(t.Context(), c.Path, nil, append([]string{"push", "origin"}, arguments...)...)
}
