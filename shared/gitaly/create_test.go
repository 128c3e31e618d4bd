package gitaly_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly"
)

func TestCreateRepository(t *testing.T) {
	folder := t.TempDir()
	there := gitalytest.NewRepository(t, folder, "@hashed/79/02/7902.git", gitalytest.SHA1)
	server := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, "")
	client := newClient(t, gitaly.Options{})
	fresh := gitaly.Repository{Storage: "default", RelativePath: "@hashed/ab/cd/abcd.git", GLRepository: "project-8", ProjectPath: "dan/fresh"}

	for range 2 { // again, as after an answer that was lost
		if err := client.CreateRepository(within(t), server.Storage(), fresh, "trunk"); err != nil {
			t.Fatal(err)
		}
	}
	head, err := os.ReadFile(filepath.Join(folder, fresh.RelativePath, "HEAD"))
	if err != nil || strings.TrimSpace(string(head)) != "ref: refs/heads/trunk" {
		t.Errorf("HEAD is %q, %v", head, err)
	}
	if err := client.CreateRepository(within(t), server.Storage(), there.Name(), "trunk"); err != nil {
		t.Errorf("one that is there: %v", err)
	}
	pairs := []gitaly.Pair{{Ancestor: there.A, Child: there.B}}
	if got, err := client.Ancestors(within(t), server.Storage(), there.Name(), pairs); err != nil || !got[0] {
		t.Errorf("it has changed: %v, %v", got, err)
	}
}

// What may have been made or not is told as such, so that it can be tried again.
func TestCreateRepositoryUnavailable(t *testing.T) {
	server := gitalytest.Serve(t, local.Options{Repositories: t.TempDir(), Token: "gtok"}, "")
	client := newClient(t, gitaly.Options{})
	stranger, gone := server.Storage(), server.Storage()
	token := "another"
	stranger.Token = &token
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Address = local.Address(listener)
	_ = listener.Close()
	repo := gitaly.Repository{Storage: "default", RelativePath: "a.git"}
	outside := gitaly.Repository{Storage: "default", RelativePath: "../a.git"}

	var unavailable *gitaly.UnavailableError
	if err := client.CreateRepository(within(t), stranger, repo, "main"); !errors.As(err, &unavailable) {
		t.Errorf("with another token: %v", err)
	}
	if err := client.CreateRepository(within(t), gone, repo, "main"); !errors.As(err, &unavailable) {
		t.Errorf("with nobody there: %v", err)
	}
	if err := client.CreateRepository(within(t), server.Storage(), outside, "main"); !errors.As(err, &unavailable) {
		t.Errorf("where Gitaly refuses: %v", err)
	}
}
