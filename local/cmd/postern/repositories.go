package main

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"postern/local/gitaly"
	"postern/local/settings"
)

// repositories is the local Gitaly over the folder that REPOSITORIES names; nil where it names none.
type repositories struct {
	server   *gitaly.Server
	listener net.Listener
}

// openRepositories takes the port of the local Gitaly, if there is to be one. It is to be closed.
func openRepositories(ctx context.Context, s settings.Settings) (*repositories, error) {
	if s.Repositories == "" {
		return nil, nil //nolint:nilnil // none is wanted
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

// address is how a storage names it, "" where there is none.
func (r *repositories) address() string {
	if r == nil {
		return ""
	}
	return gitaly.Address(r.listener)
}

// serve answers questions until close.
func (r *repositories) serve() error { return r.server.Serve(r.listener) }

func (r *repositories) close() {
	if r == nil {
		return
	}
	r.server.Stop()
	_ = r.listener.Close() // closed already where it was served
}
