package main

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"postern/local/gitaly"
	"postern/local/settings"
)

// repositories is the local Gitaly of the folder in REPOSITORIES, nil without one.
type repositories struct {
	server   *gitaly.Server
	listener net.Listener
}

// openRepositories opens the port of the local Gitaly if there is a folder. The caller closes it.
func openRepositories(ctx context.Context, s settings.Settings) (*repositories, error) {
	if s.Repositories == "" {
		return nil, nil //nolint:nilnil // no Gitaly is wanted
	}
	server, err := gitaly.New(gitaly.Options{Repositories: s.Repositories, Token: s.GitalyToken})
	if err != nil {
		return nil, fmt.Errorf("REPOSITORIES=%s: %w", s.Repositories, err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.GitalyPort)))
	if err != nil {
		server.Stop()
		return nil, fmt.Errorf("GITALY_PORT=%d cannot be served: %w", s.GitalyPort, err)
	}
	return &repositories{server, listener}, nil
}

// address returns the address in the form of a storage, or "".
func (r *repositories) address() string {
	if r == nil {
		return ""
	}
	return gitaly.Address(r.listener)
}

// serve answers requests until close.
func (r *repositories) serve() error { return r.server.Serve(r.listener) }

func (r *repositories) close() {
	if r == nil {
		return
	}
	r.server.Stop()
	_ = r.listener.Close() // already closed after serve
}
