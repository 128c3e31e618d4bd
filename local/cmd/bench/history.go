package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	local "postern/local/gitaly"
	"postern/shared/gitlab"
)

// history is a local Gitaly in this process, with a repository of project 7 that has two commits. The processor time of its git
// processes is not measured.
type history struct {
	folder      string
	address     string // in the form of a storage's address
	first, next string // the commits
	server      *local.Server
}

func newHistory(ctx context.Context) (*history, error) {
	folder, err := os.MkdirTemp("", "bench-repositories-")
	if err != nil {
		return nil, fmt.Errorf("folder of repositories: %w", err)
	}
	h := &history{folder: folder}
	if err := h.commit(ctx); err != nil {
		h.close()
		return nil, err
	}
	if err := h.serve(ctx); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

// commit creates the repository.
func (h *history) commit(ctx context.Context) error {
	path := filepath.Join(h.folder, gitlab.DiskPath("@hashed", 7)+".git")
	if _, err := git(ctx, h.folder, "init", "--quiet", "--bare", path); err != nil {
		return err
	}
	tree, err := git(ctx, path, "hash-object", "-w", "-t", "tree", "/dev/null")
	if err != nil {
		return err
	}
	if h.first, err = git(ctx, path, "commit-tree", "-m", "first", tree); err != nil {
		return err
	}
	h.next, err = git(ctx, path, "commit-tree", "-m", "next", "-p", h.first, tree)
	return err
}

func (h *history) serve(ctx context.Context) error {
	server, err := local.New(local.Options{Repositories: h.folder, Token: "gtok"})
	if err != nil {
		return fmt.Errorf("local Gitaly: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("local Gitaly: %w", err)
	}
	h.server, h.address = server, local.Address(listener)
	go func() { _ = server.Serve(listener) }() // an early end fails the requests
	return nil
}

func (h *history) close() {
	if h.server != nil {
		h.server.Stop()
	}
	_ = os.RemoveAll(h.folder) // a temporary folder
}

// storage is the document with the server's storage.
func (h *history) storage() []byte {
	return fmt.Appendf(nil, `{"storages":[{"name":"default","address":%q,"token":"gtok"}]}`, h.address)
}

// git runs the system's git without the user's settings.
func git(ctx context.Context, dir string, arguments ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", arguments...) //nolint:gosec // arguments of this program
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=Mia", "GIT_AUTHOR_EMAIL=mia@example.com", "GIT_COMMITTER_NAME=Mia", "GIT_COMMITTER_EMAIL=mia@example.com",
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", arguments[0], err, out)
	}
	return string(bytes.TrimSpace(out)), nil
}
