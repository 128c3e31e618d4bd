// Package gitaly answers from repositories on disk what package shared/gitaly asks: a small stand-in for Gitaly on one
// machine, for tests and for the local system. It is strict where Gitaly is: about tokens, paths, and objects that it
// does not know. It runs the system's git and holds no other opinion about history.
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
	// processes is how many git processes run at once, however many questions there are.
	processes = 16
	// patience is how long a stop waits for the answers under way.
	patience = 2 * time.Second
)

// enforcement is Gitaly's: a client that pings more often than every 20 s is cut off.
var enforcement = keepalive.EnforcementPolicy{MinTime: 20 * time.Second, PermitWithoutStream: true}

// Options say what a server answers from. Repositories is the folder that relative paths are below; a Token of "" lets
// everybody in; Now may be nil.
type Options struct {
	Repositories string
	Token        string
	Now          func() time.Time
}

// Server answers questions about the repositories of one folder, whichever storage they are said to be on, and makes new ones.
type Server struct {
	gitalypb.UnimplementedCommitServiceServer
	gitalypb.UnimplementedRepositoryServiceServer

	folder  string
	git     string // the program
	running *semaphore.Weighted
	grpc    *grpc.Server
}

// New returns a server that serves nothing yet. The folder must be there, and git installed.
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
	door := door{token: o.Token, now: o.Now}
	s.grpc = grpc.NewServer(grpc.UnaryInterceptor(door.intercept), grpc.KeepaliveEnforcementPolicy(enforcement))
	gitalypb.RegisterCommitServiceServer(s.grpc, s)
	gitalypb.RegisterRepositoryServiceServer(s.grpc, s)
	return s, nil
}

// Serve answers on a listener, which it closes, until Stop. Then it returns nil.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.grpc.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve the local Gitaly: %w", err)
	}
	return nil
}

// Stop ends serving, in good order for up to two seconds, and what still runs then by force. A stopped server serves
// no more.
func (s *Server) Stop() {
	timer := time.AfterFunc(patience, s.grpc.Stop)
	defer timer.Stop()
	s.grpc.GracefulStop()
}

// Address is how a directory's storage names a server on a listener: tcp://127.0.0.1:8075.
func Address(listener net.Listener) string { return "tcp://" + listener.Addr().String() }
