package gitaly_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly"
	"postern/shared/gitaly/gitalypb"
	"postern/shared/gitlab"
)

// check asks one question that is answered with yes.
func check(t *testing.T, client *gitaly.Client, storage gitlab.Storage) {
	t.Helper()
	got, err := client.Ancestors(within(t), storage, gitaly.Repository{}, differing(1))
	if err != nil || len(got) != 1 || !got[0] {
		t.Fatalf("Ancestors = %v, %v; want yes", got, err)
	}
}

func TestOneConnectionIsShared(t *testing.T) {
	road, storage := newRoad(t, (&scripted{answer: yes}).start(t, listen(t)))
	client := newClient(t, gitaly.Options{})
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if _, err := client.Ancestors(within(t), storage, gitaly.Repository{}, differing(20)); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if n := road.accepted.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestAConnectionIsTrustedForAMinute(t *testing.T) {
	for idle, want := range map[time.Duration]int64{0: 1, time.Minute: 1, time.Minute + 1: 2, time.Hour: 2, -time.Hour: 1} {
		t.Run(idle.String(), func(t *testing.T) {
			road, storage := newRoad(t, (&scripted{answer: yes}).start(t, listen(t)))
			clock := newClock()
			client := newClient(t, gitaly.Options{Now: clock.now})
			check(t, client, storage)
			clock.advance(idle)
			check(t, client, storage)
			if n := road.accepted.Load(); n != want {
				t.Errorf("%d connections, want %d", n, want)
			}
		})
	}
}

// The process was frozen long enough for its connection to be forgotten, but too short for us to know.
func TestAConnectionThatLeadsNowhereIsReplaced(t *testing.T) {
	road, storage := newRoad(t, (&scripted{answer: yes}).start(t, listen(t)))
	client := newClient(t, gitaly.Options{Attempt: 200 * time.Millisecond})
	check(t, client, storage)
	road.forget()
	for range 2 {
		got, err := client.Ancestors(within(t), storage, gitaly.Repository{}, differing(100))
		if err != nil || len(got) != 100 || slices.Contains(got, false) {
			t.Fatalf("Ancestors = %v, %v; want yes to all", got, err)
		}
	}
	if n := road.accepted.Load(); n < 2 {
		t.Error("the connection was not replaced")
	}
}

// Gitaly is restarted between two questions, and is gone for a while in between.
func TestARestartedServerIsFoundAtOnce(t *testing.T) {
	folder := t.TempDir()
	r := gitalytest.NewRepository(t, folder, "a.git", gitalytest.SHA1)
	o := local.Options{Repositories: folder, Token: "gtok"}
	server := gitalytest.Serve(t, o, "")
	client := newClient(t, gitaly.Options{})
	ask := func() error {
		_, err := client.Ancestors(within(t), server.Storage(), r.Name(), []gitaly.Pair{{r.A, r.B}})
		return err
	}
	for _, asked := range []bool{false, true} {
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		server.Stop()
		if asked && ask() == nil {
			t.Error("a stopped server has answered")
		}
		server = gitalytest.Serve(t, o, server.Address[len("tcp://"):])
	}
	if err := ask(); err != nil {
		t.Error(err)
	}
}

func TestWhatWasNotAnsweredIsAskedAgainOnce(t *testing.T) {
	unavailable, exhausted := status.Error(codes.Unavailable, "not now"), status.Error(codes.ResourceExhausted, "too many")
	cases := []struct {
		name   string
		errors []error // of the calls in order; context.DeadlineExceeded is no answer
		calls  int64
		ok     bool

		attempt time.Duration // 0: longer than any answer takes
	}{
		{"an answer", nil, 1, true, 0},
		{"unavailable once", []error{unavailable}, 2, true, 0},
		{"unavailable twice", []error{unavailable, unavailable}, 2, false, 0},
		{"no answer once", []error{context.DeadlineExceeded}, 2, true, time.Second},
		{"another error", []error{exhausted}, 1, false, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := &scripted{}
			server.answer = func(ctx context.Context, q *gitalypb.CommitIsAncestorRequest) (bool, error) {
				call := int(server.calls.Load())
				switch {
				case call > len(c.errors):
					return true, nil
				case c.errors[call-1] == context.DeadlineExceeded: //nolint:errorlint // a row's own mark
					return never(ctx, q)
				}
				return false, c.errors[call-1]
			}
			client := newClient(t, gitaly.Options{Attempt: c.attempt})
			_, err := client.Ancestors(within(t), server.start(t, listen(t)), gitaly.Repository{}, differing(1))
			if (err == nil) != c.ok || server.calls.Load() != c.calls {
				t.Errorf("error %v after %d calls, want %d", err, server.calls.Load(), c.calls)
			}
		})
	}
}

// Of three servers two stay connected: the one that was asked longest ago is left.
func TestConnectionsAreBounded(t *testing.T) {
	client := newClient(t, gitaly.Options{Connections: 2})
	roads, storages := make([]*road, 3), make([]gitlab.Storage, 3)
	for i := range roads {
		roads[i], storages[i] = newRoad(t, (&scripted{answer: yes}).start(t, listen(t)))
	}
	for _, i := range []int{0, 1, 0, 2, 0, 1} {
		check(t, client, storages[i])
	}
	for i, want := range []int64{1, 2, 1} {
		if n := roads[i].accepted.Load(); n != want {
			t.Errorf("server %d was connected to %d times, want %d", i, n, want)
		}
	}
}

// A connection that must make room while somebody waits on it serves them to the end.
func TestAConnectionIsNotTakenFromItsUser(t *testing.T) {
	asked, leave := make(chan struct{}), make(chan struct{})
	slow := (&scripted{answer: func(context.Context, *gitalypb.CommitIsAncestorRequest) (bool, error) {
		close(asked)
		<-leave
		return true, nil
	}}).start(t, listen(t))
	client := newClient(t, gitaly.Options{Connections: 1})
	ended := make(chan error, 1)
	go func() {
		_, err := client.Ancestors(within(t), slow, gitaly.Repository{}, differing(1))
		ended <- err
	}()
	<-asked
	check(t, client, (&scripted{answer: yes}).start(t, listen(t)))
	close(leave)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Every attempt shows a token of its own time.
func TestTokensAreMadeForEachCall(t *testing.T) {
	folder := t.TempDir()
	r := gitalytest.NewRepository(t, folder, "a.git", gitalytest.SHA1)
	clock := newClock()
	server := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok", Now: clock.now}, "")
	client := newClient(t, gitaly.Options{Now: clock.now})
	for range 3 {
		if _, err := client.Ancestors(within(t), server.Storage(), r.Name(), []gitaly.Pair{{r.A, r.B}}); err != nil {
			t.Fatal(err)
		}
		clock.advance(40 * time.Second)
	}
	late := newClient(t, gitaly.Options{Now: func() time.Time { return clock.now().Add(-31 * time.Second) }})
	answers, err := late.Ancestors(within(t), server.Storage(), r.Name(), []gitaly.Pair{{r.A, r.B}})
	checkUnavailable(t, answers, err, "PermissionDenied")
}

func TestManyClientsOfServersThatComeAndGo(t *testing.T) {
	folder := t.TempDir()
	r := gitalytest.NewRepository(t, folder, "a.git", gitalytest.SHA1)
	o := local.Options{Repositories: folder}
	server := gitalytest.Serve(t, o, "")
	storage := server.Storage()
	client := newClient(t, gitaly.Options{Connections: 1})
	var callers sync.WaitGroup
	done := make(chan struct{})
	for range 8 {
		callers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				got, err := client.Ancestors(within(t), storage, r.Name(), []gitaly.Pair{{r.A, r.B}, {r.B, r.A}})
				if err == nil && (!got[0] || got[1]) {
					t.Errorf("answers %v", got)
				}
			}
		})
	}
	for range 5 {
		server.Stop()
		server = gitalytest.Serve(t, o, server.Address[len("tcp://"):])
	}
	close(done)
	callers.Wait()
	if _, err := client.Ancestors(within(t), storage, r.Name(), []gitaly.Pair{{r.A, r.B}}); err != nil {
		t.Errorf("after all: %v", err)
	}
}
