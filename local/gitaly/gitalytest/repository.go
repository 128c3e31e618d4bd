// Package gitalytest is the test kit of Gitaly's clients: real repositories with history, the system's git for changes and pushes, and
// a local Gitaly. It is for tests only.
package gitalytest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"postern/shared/gitaly"
)

// The hashes of repositories.
const (
	SHA1   = "sha1"
	SHA256 = "sha256"
)

// Repository is a bare repository below a folder. Its branch main is at B, a child of A. The branch other is at C, a root commit.
type Repository struct {
	Path     string // path of the repository's directory
	Relative string // path below the folder
	A, B, C  string

	commits atomic.Int64
}

// NewRepository creates a repository with a hash at a relative path below a folder.
func NewRepository(t testing.TB, folder, relative, hash string) *Repository {
	t.Helper()
	r := &Repository{Path: filepath.Join(folder, relative), Relative: relative}
	Git(t, folder, nil, "init", "--quiet", "--bare", "--initial-branch=main", "--object-format="+hash, r.Path)
	Git(t, r.Path, nil, "hash-object", "-w", "-t", "tree", "/dev/null")
	r.A = r.Commit(t)
	r.B = r.Commit(t, r.A)
	r.C = r.Commit(t)
	r.Update(t, "refs/heads/main", r.B)
	r.Update(t, "refs/heads/other", r.C)
	return r
}

// Name returns a client's name of the repository, on the storage "default".
func (r *Repository) Name() gitaly.Repository {
	return gitaly.Repository{Storage: "default", RelativePath: r.Relative, GLRepository: "project-7", ProjectPath: "acme/app"}
}

// Commit creates a commit with parents and without a branch, and returns its id.
func (r *Repository) Commit(t testing.TB, parents ...string) string {
	t.Helper()
	return r.commit(t, nil, parents)
}

// commit creates a unique commit: its message has a counter.
func (r *Repository) commit(t testing.TB, env, parents []string) string {
	t.Helper()
	empty := Git(t, r.Path, nil, "hash-object", "-t", "tree", "/dev/null")
	arguments := make([]string, 0, 4+2*len(parents))
	arguments = append(arguments, "commit-tree", "-m", "commit "+strconv.FormatInt(r.commits.Add(1), 10), empty)
	for _, parent := range parents {
		arguments = append(arguments, "-p", parent)
	}
	return Git(t, r.Path, env, arguments...)
}

// Update moves a ref to a commit.
func (r *Repository) Update(t testing.TB, ref, id string) {
	t.Helper()
	Git(t, r.Path, nil, "update-ref", ref, id)
}

// Quarantine has the object directories of a push before its acceptance.
type Quarantine struct {
	ObjectDirectory            string // relative to the repository
	AlternateObjectDirectories []string
	Commit                     string // exists in the quarantine only
}

// Quarantine makes the directory of a push that brings one commit with these parents, as git's receive-pack does.
func (r *Repository) Quarantine(t testing.TB, parents ...string) Quarantine {
	t.Helper()
	objects := filepath.Join(r.Path, "objects")
	incoming, err := os.MkdirTemp(objects, "incoming-") //nolint:usetesting // it is part of the repository
	if err != nil {
		t.Fatalf("quarantine: %v", err)
	}
	env := []string{"GIT_OBJECT_DIRECTORY=" + incoming, "GIT_ALTERNATE_OBJECT_DIRECTORIES=" + objects}
	return Quarantine{
		ObjectDirectory:            "objects/" + filepath.Base(incoming),
		AlternateObjectDirectories: []string{"objects"},
		Commit:                     r.commit(t, env, parents),
	}
}

// In returns a repository's name with the quarantine's directories.
func (q Quarantine) In(name gitaly.Repository) gitaly.Repository {
	name.ObjectDirectory, name.AlternateObjectDirectories = q.ObjectDirectory, q.AlternateObjectDirectories
	return name
}

// Git runs the system's git in a directory and returns its output. Git ignores the settings of this machine.
func Git(t testing.TB, dir string, env []string, arguments ...string) string {
	t.Helper()
	out, err := git(t.Context(), dir, env, arguments...)
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return out
}

func git(ctx context.Context, dir string, env []string, arguments ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", arguments...) //nolint:gosec // arguments of tests
	cmd.Dir = dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C",
		"GIT_AUTHOR_NAME=Dan", "GIT_AUTHOR_EMAIL=dan@example.com", "GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_NAME=Dan", "GIT_COMMITTER_EMAIL=dan@example.com", "GIT_COMMITTER_DATE=1700000000 +0000",
	}, env...)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// TryGit runs the system's git in a directory, and returns its error if it fails.
func TryGit(t testing.TB, dir string, arguments ...string) error {
	t.Helper()
	_, err := git(t.Context(), dir, nil, arguments...)
	return err
}
