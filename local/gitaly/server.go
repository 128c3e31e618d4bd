// Package gitaly is a small stand-in for Gitaly on one machine, for tests and for the local system. It answers the requests of package
// shared/gitaly from repositories on disk. Tokens, paths and unknown objects are handled as in Gitaly. The system's git answers about
// history.
package gitaly

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"postern/shared/gitaly/gitalypb"
)

const (
	// processes limits the concurrent git processes.
	processes = 16
	// patience is the time for answers in progress during a stop.
	patience = 2 * time.Second
)

// enforcement has Gitaly's values: a client with more pings than one in 20 s is disconnected.
var enforcement = keepalive.EnforcementPolicy{MinTime: 20 * time.Second, PermitWithoutStream: true}

// Options configure a server. Repositories is the folder of relative paths. A Token of "" accepts every call. Now may be nil.
type Options struct {
	Repositories string
	Token        string
	Now          func() time.Time
}

// Server answers about the repositories of one folder, with any storage name, and creates repositories.
type Server struct {
	gitalypb.UnimplementedCommitServiceServer
	gitalypb.UnimplementedRepositoryServiceServer
	gitalypb.UnimplementedRefServiceServer

	folder  string
	git     string // the program
	running *semaphore.Weighted
	grpc    *grpc.Server
}

// New returns a server that does not serve yet. The folder must exist, and git must be installed.
func New(o Options) (*Server, error) {
	folder, err := filepath.Abs(o.Repositories)
	if err != nil {
		return nil, fmt.Errorf("repositories: %w", err)
	}
	if info, err := os.Stat(folder); err != nil {
		return nil, fmt.Errorf("repositories: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("repositories: %s is not a directory", folder)
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, fmt.Errorf("the local Gitaly needs git: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{folder: folder, git: git, running: semaphore.NewWeighted(processes)}
	a := authenticator{token: o.Token, now: o.Now}
	s.grpc = grpc.NewServer(grpc.UnaryInterceptor(a.intercept), grpc.KeepaliveEnforcementPolicy(enforcement))
	gitalypb.RegisterCommitServiceServer(s.grpc, s)
	gitalypb.RegisterRepositoryServiceServer(s.grpc, s)
	gitalypb.RegisterRefServiceServer(s.grpc, s)
	return s, nil
}

// Serve answers on a listener until Stop and then returns nil. It closes the listener.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.grpc.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve the local Gitaly: %w", err)
	}
	return nil
}

// Stop waits up to two seconds for calls in progress and then ends them. A stopped server cannot serve again.
func (s *Server) Stop() {
	timer := time.AfterFunc(patience, s.grpc.Stop)
	defer timer.Stop()
	s.grpc.GracefulStop()
}

// Address returns a listener's address in the form of a storage: tcp://127.0.0.1:8075.
func Address(listener net.Listener) string { return "tcp://" + listener.Addr().String() }
