package gitaly_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"postern/local/gitaly/gitalytest"
)

func TestCommitIsAncestor(t *testing.T) {
	for _, hash := range []string{gitalytest.SHA1, gitalytest.SHA256} {
		t.Run(hash, func(t *testing.T) {
			r, client := serve(t, hash)
			merge := r.Commit(t, r.B, r.C)
			tree := gitalytest.Git(t, r.Path, nil, "rev-parse", r.A+"^{tree}")
			gitalytest.Git(t, r.Path, nil, "tag", "--annotate", "--message", "v1", "v1", r.A)
			tag := gitalytest.Git(t, r.Path, nil, "rev-parse", "v1")
			unknown := strings.Repeat("1", len(r.A))
			other := map[string]int{gitalytest.SHA1: 64, gitalytest.SHA256: 40}[hash]
			cases := []struct {
				name            string
				ancestor, child string
				want            answer
			}{
				{"a parent is", r.A, r.B, answer{value: true}},
				{"a child is not", r.B, r.A, answer{}},
				{"a commit is its own", r.B, r.B, answer{value: true}},
				{"a commit of another history is not", r.A, r.C, answer{}},
				{"the first parent of a merge is", r.B, merge, answer{value: true}},
				{"the second parent of a merge is", r.C, merge, answer{value: true}},
				{"upper case is the same id", strings.ToUpper(r.A), r.B, answer{value: true}},
				{"a tag stands for its commit", tag, r.B, answer{value: true}},
				{"an unknown ancestor is not found", unknown, r.B, answer{code: codes.NotFound}},
				{"an unknown child is not found", r.A, unknown, answer{code: codes.NotFound}},
				{"two unknown ones are not found", unknown, unknown, answer{code: codes.NotFound}},
				{"the zero id is not found", strings.Repeat("0", len(r.A)), r.B, answer{code: codes.NotFound}},
				{"a tree is not found", tree, r.B, answer{code: codes.NotFound}},
				{"an abbreviation is malformed", r.A[:12], r.B, answer{code: codes.InvalidArgument}},
				{"an id of the other hash is malformed", (r.A + r.A)[:other], r.B, answer{code: codes.InvalidArgument}},
				{"a branch's name is malformed", "main", r.B, answer{code: codes.InvalidArgument}},
				{"an option is malformed", "--" + r.A[2:], r.B, answer{code: codes.InvalidArgument}},
				{"an empty id is malformed", "", "", answer{code: codes.InvalidArgument}},
			}
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					if got := ask(t, client, message(relative), c.ancestor, c.child); got != c.want {
						t.Errorf("answer %+v, want %+v", got, c.want)
					}
				})
			}
		})
	}
}

// Every pusher can push to refs/replace. This must not change history.
func TestReplacementsAreIgnored(t *testing.T) {
	r, client := serve(t, gitalytest.SHA1)
	graft := r.Commit(t, r.A)
	r.Update(t, "refs/replace/"+r.C, graft)
	if err := gitMergeBase(t, r, r.A, r.C); err != nil {
		t.Fatalf("git itself ignores the replacement: %v", err)
	}
	if got := ask(t, client, message(relative), r.A, r.C); got != (answer{}) {
		t.Errorf("answer %+v, want no", got)
	}
}

// gitMergeBase returns the answer of the user's git.
func gitMergeBase(t *testing.T, r *gitalytest.Repository, ancestor, child string) error {
	t.Helper()
	return gitalytest.TryGit(t, r.Path, "merge-base", "--is-ancestor", ancestor, child)
}

// The server ignores settings that break git.
func TestSettingsOfTheMachineAreIgnored(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[core\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	t.Setenv("GIT_DIR", "/no/such")
	t.Setenv("GIT_OBJECT_DIRECTORY", "/no/such")
	r, client := serve(t, gitalytest.SHA1)
	if got := ask(t, client, message(relative), r.A, r.B); got != (answer{value: true}) {
		t.Errorf("answer %+v, want yes", got)
	}
}

// Incomplete history is an internal error, neither an unknown commit nor false.
func TestDamagedHistoryIsAnError(t *testing.T) {
	r, client := serve(t, gitalytest.SHA1)
	tip := r.Commit(t, r.B)
	if err := os.Remove(filepath.Join(r.Path, "objects", r.B[:2], r.B[2:])); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, client, message(relative), r.A, tip); got != (answer{code: codes.Internal}) {
		t.Errorf("answer %+v, want an internal error", got)
	}
}
