package gitaly_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"

	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly"
	"postern/shared/gitaly/gitalypb"
	"postern/shared/gitlab"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(t testing.TB, o gitaly.Options) *gitaly.Client {
	t.Helper()
	c := gitaly.New(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// serve makes a repository and a local Gitaly that holds it, with the token "gtok".
func serve(t testing.TB, hash string) (*gitalytest.Repository, *gitalytest.Server) {
	t.Helper()
	folder := t.TempDir()
	r := gitalytest.NewRepository(t, folder, "@hashed/79/02/7902.git", hash)
	return r, gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, "")
}

// within returns a context that ends long after any answer should have come.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// scripted is a Gitaly whose answers a test injects.
type scripted struct {
	gitalypb.UnimplementedCommitServiceServer

	answer func(context.Context, *gitalypb.CommitIsAncestorRequest) (bool, error)
	calls  atomic.Int64
}

func (s *scripted) CommitIsAncestor(ctx context.Context, q *gitalypb.CommitIsAncestorRequest) (*gitalypb.CommitIsAncestorResponse, error) {
	s.calls.Add(1)
	value, err := s.answer(ctx, q)
	return &gitalypb.CommitIsAncestorResponse{Value: value}, err
}

// start serves on a listener until the test ends, and returns the storage that it is.
func (s *scripted) start(t testing.TB, listener net.Listener, o ...grpc.ServerOption) gitlab.Storage {
	t.Helper()
	server := grpc.NewServer(o...)
	gitalypb.RegisterCommitServiceServer(server, s)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Errorf("serve: %v", err)
		}
	})
	return gitlab.Storage{Name: "default", Address: "tcp://" + listener.Addr().String()}
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.WithoutCancel(t.Context()), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// yes answers every question with yes.
func yes(context.Context, *gitalypb.CommitIsAncestorRequest) (bool, error) { return true, nil }

// never answers nothing until its caller has gone.
func never(ctx context.Context, _ *gitalypb.CommitIsAncestorRequest) (bool, error) {
	<-ctx.Done()
	return false, ctx.Err()
}

// road is a way to a server that counts the connections on it, and can swallow what is sent on them: what a process
// finds that was frozen for longer than the network remembers its connections.
type road struct {
	net.Listener

	to       string
	accepted atomic.Int64
	mu       sync.Mutex
	closed   bool
	tracks   []*track
	busy     sync.WaitGroup
}

// track is one connection on a road, with both its ends.
type track struct {
	from, to net.Conn
	lost     atomic.Bool // what is sent is swallowed
}

func newRoad(t testing.TB, to gitlab.Storage) (*road, gitlab.Storage) {
	t.Helper()
	r := &road{Listener: listen(t), to: strings.TrimPrefix(to.Address, "tcp://")}
	r.busy.Go(r.accept)
	t.Cleanup(func() {
		_ = r.Close()
		r.mu.Lock()
		r.closed = true
		r.mu.Unlock()
		r.each(func(track *track) { _ = track.from.Close() })
		r.busy.Wait()
	})
	to.Address = "tcp://" + r.Addr().String()
	return r, to
}

func (r *road) accept() {
	for {
		from, err := r.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", r.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		r.accepted.Add(1)
		track := &track{from: from, to: to}
		r.mu.Lock()
		r.tracks = append(r.tracks, track)
		if r.closed {
			_ = from.Close()
		}
		r.mu.Unlock()
		r.busy.Go(func() { track.carry(to, from) })
		r.busy.Go(func() { track.carry(from, to) })
	}
}

func (r *road) each(do func(*track)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, track := range r.tracks {
		do(track)
	}
}

// forget lets all connections of now lead nowhere.
func (r *road) forget() { r.each(func(track *track) { track.lost.Store(true) }) }

// carry carries bytes until one end is closed.
func (t *track) carry(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !t.lost.Load() {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// clock is a clock that a test moves.
type clock struct{ nanoseconds atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.nanoseconds.Store(time.Now().UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.nanoseconds.Load()) }
func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }
