package gitalytest

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Clone is a user's clone of a repository.
type Clone struct {
	Path    string
	commits int
}

// Clone clones the repository with git.
func (r *Repository) Clone(t testing.TB) *Clone {
	t.Helper()
	c := &Clone{Path: filepath.Join(t.TempDir(), "clone")}
	Git(t, r.Path, nil, "clone", "--quiet", r.Path, c.Path)
	return c
}

// Reset moves the clone's branch to a commit. The next commit is its child.
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

// Push pushes to the repository, with arguments such as "HEAD:main" or "--force", "HEAD:main". It returns git's output and error.
func (c *Clone) Push(t testing.TB, arguments ...string) (output string, err error) {
	t.Helper()
	return git(t.Context(), c.Path, nil, append([]string{"push", "origin"}, arguments...)...)
}
