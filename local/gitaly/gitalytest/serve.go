package gitalytest

import (
	"cmp"
	"context"
	"net"
	"sync"
	"testing"

	local "postern/local/gitaly"
	"postern/shared/gitlab"
)

// Server is a running local Gitaly.
type Server struct {
	Address string // in the form of a storage
	token   string
	stop    func()
}

// Serve serves at an address such as "127.0.0.1:8075", at a free one if it is "", until the test ends or Stop.
func Serve(t testing.TB, o local.Options, at string) *Server {
	t.Helper()
	server, err := local.New(o)
	if err != nil {
		t.Fatalf("local Gitaly: %v", err)
	}
	listener, err := new(net.ListenConfig).Listen(context.WithoutCancel(t.Context()), "tcp", cmp.Or(at, "127.0.0.1:0"))
	if err != nil {
		t.Fatalf("local Gitaly: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	s := &Server{Address: local.Address(listener), token: o.Token}
	s.stop = sync.OnceFunc(func() {
		server.Stop()
		if err := <-ended; err != nil {
			t.Errorf("local Gitaly: %v", err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

// Stop stops the server before the end of the test.
func (s *Server) Stop() { s.stop() }

// Storage returns the storage "default" on this server, with its token.
func (s *Server) Storage() gitlab.Storage {
	storage := gitlab.Storage{Name: "default", Address: s.Address}
	if s.token != "" {
		storage.Token = &s.token
	}
	return storage
}
