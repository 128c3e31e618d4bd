package gitaly_test

import (
	"testing"

	"google.golang.org/grpc/codes"

	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly/gitalypb"
)

func TestQuarantine(t *testing.T) {
	for _, hash := range []string{gitalytest.SHA1, gitalytest.SHA256} {
		t.Run(hash, func(t *testing.T) {
			r, client := serve(t, hash)
			onto := r.Quarantine(t, r.B)
			beside := r.Quarantine(t, r.A)
			withoutAlternates := quarantined(onto)
			withoutAlternates.GitAlternateObjectDirectories = nil
			cases := []struct {
				name       string
				repository *gitalypb.Repository
				child      string
				want       answer
			}{
				{"a commit onto the branch continues it", quarantined(onto), onto.Commit, answer{value: true}},
				{"a commit beside the branch does not", quarantined(beside), beside.Commit, answer{}},
				{"a commit of another push is not found", quarantined(onto), beside.Commit, answer{code: codes.NotFound}},
				{"a commit in quarantine is not found without the quarantine", message(relative), onto.Commit, answer{code: codes.NotFound}},
				{"a commit of the repository is not found without the alternates", withoutAlternates, onto.Commit, answer{code: codes.NotFound}},
			}
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					if got := ask(t, client, c.repository, r.B, c.child); got != c.want {
						t.Errorf("answer %+v, want %+v", got, c.want)
					}
				})
			}
		})
	}
}

// During a push, the server answers about it from the directories of git's quarantine.
func TestQuarantineOfAHeldPush(t *testing.T) {
	r, client := serve(t, gitalytest.SHA1)
	cases := []struct {
		name      string
		onto      string
		arguments []string
		want      answer
	}{
		{"a push that continues the branch", r.B, []string{"HEAD:main"}, answer{value: true}},
		{"a forced push that drops a commit", r.A, []string{"--force", "HEAD:main"}, answer{}},
		{"a forced push of another history", r.C, []string{"--force", "HEAD:main"}, answer{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			clone := r.Clone(t)
			clone.Reset(t, c.onto)
			pushed := clone.Commit(t)
			held := r.HoldPush(t, clone, c.arguments...)
			if held.New != pushed || held.Old != r.B || held.Ref != "refs/heads/main" {
				t.Errorf("the push is %s %s %s", held.Old, held.New, held.Ref)
			}
			if got := ask(t, client, quarantined(held.Quarantine), held.Old, held.New); got != c.want {
				t.Errorf("answer %+v, want %+v", got, c.want)
			}
			if err := held.Refuse(); err == nil {
				t.Error("the push was accepted")
			}
			if got := ask(t, client, quarantined(held.Quarantine), held.Old, held.New); got.code != codes.NotFound {
				t.Errorf("after the push: answer %+v, want NotFound", got)
			}
		})
	}
}

func TestAcceptedPushIsInTheRepository(t *testing.T) {
	r, client := serve(t, gitalytest.SHA256)
	clone := r.Clone(t)
	next := clone.Commit(t)
	if output, err := clone.Push(t, "HEAD:main"); err != nil {
		t.Fatalf("push: %v\n%s", err, output)
	}
	clone.Reset(t, r.A)
	forced := clone.Commit(t)
	if output, err := clone.Push(t, "HEAD:main"); err == nil {
		t.Fatalf("git accepted a push that drops a commit without force: %s", output)
	}
	if output, err := clone.Push(t, "--force", "HEAD:main"); err != nil {
		t.Fatalf("push: %v\n%s", err, output)
	}
	if got := ask(t, client, message(relative), r.B, next); got != (answer{value: true}) {
		t.Errorf("answer %+v about the push, want yes", got)
	}
	if got := ask(t, client, message(relative), next, forced); got != (answer{}) {
		t.Errorf("answer %+v about the forced push, want no", got)
	}
}
