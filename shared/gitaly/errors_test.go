package gitaly_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly"
	"postern/shared/gitaly/gitalypb"
	"postern/shared/gitlab"
)

// checkUnavailable demands what every error is: one that says that nothing was learned, on which storage and why, and
// does not tell the token.
func checkUnavailable(t *testing.T, answers []bool, err error, parts ...string) {
	t.Helper()
	var unavailable interface{ Unavailable() bool }
	if answers != nil || !errors.As(err, &unavailable) || !unavailable.Unavailable() {
		t.Fatalf("%v, %v; want no answers and an error that is Unavailable", answers, err)
	}
	for _, part := range append(parts, `storage "default"`) {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), "gtok") {
		t.Errorf("the token is in the error: %v", err)
	}
}

// Each row changes one thing about a question that Gitaly would answer with yes.
func TestWhatGitalyRefusesIsUnavailable(t *testing.T) {
	r, server := serve(t, gitalytest.SHA1)
	other, none := "another gtok", ""
	token := func(text *string) func(*gitlab.Storage, *gitaly.Repository, *gitaly.Pair) {
		return func(s *gitlab.Storage, _ *gitaly.Repository, _ *gitaly.Pair) { s.Token = text }
	}
	cases := []struct {
		name   string
		change func(*gitlab.Storage, *gitaly.Repository, *gitaly.Pair)
		code   codes.Code
	}{
		{"a wrong token", token(&other), codes.PermissionDenied},
		{"no token", token(nil), codes.Unauthenticated},
		{"an empty token", token(&none), codes.Unauthenticated},
		{"an unknown commit", func(_ *gitlab.Storage, _ *gitaly.Repository, p *gitaly.Pair) {
			p.Child = strings.Repeat("1", 40)
		}, codes.NotFound},
		{"no commit", func(_ *gitlab.Storage, _ *gitaly.Repository, p *gitaly.Pair) { p.Ancestor = "" }, codes.InvalidArgument},
		{"an unknown repository", func(_ *gitlab.Storage, r *gitaly.Repository, _ *gitaly.Pair) {
			r.RelativePath = "@hashed/no.git"
		}, codes.NotFound},
		{"a quarantine that is gone", func(_ *gitlab.Storage, r *gitaly.Repository, _ *gitaly.Pair) {
			r.ObjectDirectory = "objects/incoming-x"
		}, codes.NotFound},
	}
	client := newClient(t, gitaly.Options{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			storage, repo, pair := server.Storage(), r.Name(), gitaly.Pair{Ancestor: r.A, Child: r.B}
			c.change(&storage, &repo, &pair)
			answers, err := client.Ancestors(within(t), storage, repo, []gitaly.Pair{{r.A, r.B}, pair})
			checkUnavailable(t, answers, err, c.code.String())
			if code := status.Code(errors.Unwrap(err)); code != c.code {
				t.Errorf("the cause is %v, want %v", code, c.code)
			}
		})
	}
}

func TestAddressesThatLeadNowhere(t *testing.T) {
	client := newClient(t, gitaly.Options{})
	for _, address := range []string{
		"", "tcp://", "tcp://gitaly.internal", "tcp://:8075", "tcp:gitaly:8075", "tls://gitaly:none", "tls://user@gitaly:9999",
		"unix:", "http://gitaly:8075", "gitaly:8075", "dns://8.8.8.8/gitaly:8075", "passthrough:///gitaly:8075", "tcp://gitaly:8075/path",
	} {
		storage := gitlab.Storage{Name: "default", Address: address}
		answers, err := client.Ancestors(within(t), storage, gitaly.Repository{}, differing(1))
		checkUnavailable(t, answers, err, `"`+address+`"`, "must be tcp://")
	}
}

func TestNobodyIsThere(t *testing.T) {
	listener := listen(t)
	storage := gitlab.Storage{Name: "default", Address: "tcp://" + listener.Addr().String()}
	_ = listener.Close()
	client := newClient(t, gitaly.Options{})
	for range 2 {
		answers, err := client.Ancestors(within(t), storage, gitaly.Repository{}, differing(100))
		checkUnavailable(t, answers, err, "Unavailable", "connection refused")
	}
}

func TestTimeRunsOut(t *testing.T) {
	slow := (&scripted{answer: never}).start(t, listen(t))
	silent := gitlab.Storage{Name: "default", Address: "tcp://" + listen(t).Addr().String()}
	for name, storage := range map[string]gitlab.Storage{"of a server that is slow": slow, "of one that accepts and is silent": silent} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			answers, err := newClient(t, gitaly.Options{}).Ancestors(ctx, storage, gitaly.Repository{}, differing(100))
			checkUnavailable(t, answers, err)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error = %v, want DeadlineExceeded", err)
			}
		})
	}
}

// A server may notice that time has run out before its caller does.
func TestTimeRunsOutAtTheServer(t *testing.T) {
	server := &scripted{answer: func(context.Context, *gitalypb.CommitIsAncestorRequest) (bool, error) {
		return false, status.Error(codes.DeadlineExceeded, "too late")
	}}
	answers, err := newClient(t, gitaly.Options{}).Ancestors(within(t), server.start(t, listen(t)), gitaly.Repository{}, differing(1))
	checkUnavailable(t, answers, err, "too late")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v, want DeadlineExceeded", err)
	}
}

func TestTheCallerGoesAway(t *testing.T) {
	asked := make(chan struct{}, 100)
	server := &scripted{answer: func(ctx context.Context, q *gitalypb.CommitIsAncestorRequest) (bool, error) {
		asked <- struct{}{}
		return never(ctx, q)
	}}
	storage := server.start(t, listen(t))
	client := newClient(t, gitaly.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	answers, err := client.Ancestors(ctx, storage, gitaly.Repository{}, differing(100))
	checkUnavailable(t, answers, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want Canceled", err)
	}
	other := &scripted{answer: yes}
	answers, err = client.Ancestors(ctx, other.start(t, listen(t)), gitaly.Repository{}, differing(100))
	if answers != nil || !errors.Is(err, context.Canceled) || other.calls.Load() != 0 {
		t.Errorf("a caller who is gone gets %v, %v after %d calls", answers, err, other.calls.Load())
	}
}

// One question fails, the others would never be answered: the failure is told at once, and they are given up.
func TestTheFirstErrorEndsTheOthers(t *testing.T) {
	ended := make(chan struct{}, 100)
	server := &scripted{answer: func(ctx context.Context, q *gitalypb.CommitIsAncestorRequest) (bool, error) {
		if q.GetAncestorId() == "7" {
			return false, status.Error(codes.NotFound, "no commit 7")
		}
		defer func() { ended <- struct{}{} }()
		return never(ctx, q)
	}}
	storage := server.start(t, listen(t))
	answers, err := newClient(t, gitaly.Options{}).Ancestors(within(t), storage, gitaly.Repository{}, differing(1000))
	checkUnavailable(t, answers, err, "NotFound", "no commit 7")
	if calls := server.calls.Load(); calls > 32 {
		t.Errorf("%d calls, want none after the error", calls)
	}
	for range server.calls.Load() - 1 {
		<-ended
	}
}

func TestAClosedClient(t *testing.T) {
	storage := (&scripted{answer: yes}).start(t, listen(t))
	client := gitaly.New(gitaly.Options{})
	for range 2 {
		if err := client.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	answers, err := client.Ancestors(within(t), storage, gitaly.Repository{}, differing(1))
	checkUnavailable(t, answers, err, "closed")
}

func TestCloseEndsWhatIsAsked(t *testing.T) {
	client := gitaly.New(gitaly.Options{})
	asked := make(chan struct{}, 100)
	server := &scripted{answer: func(ctx context.Context, q *gitalypb.CommitIsAncestorRequest) (bool, error) {
		asked <- struct{}{}
		return never(ctx, q)
	}}
	storage := server.start(t, listen(t))
	go func() {
		<-asked
		_ = client.Close()
	}()
	answers, err := client.Ancestors(within(t), storage, gitaly.Repository{}, differing(100))
	checkUnavailable(t, answers, err)
}
