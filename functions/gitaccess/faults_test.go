package gitaccess_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/functions/gitaccess"
	"postern/shared/apitest"
	"postern/shared/gitlab"
	"postern/shared/store/lookup"
	storepushes "postern/shared/store/pushes"
	"postern/shared/table"
)

// faulty is a store of which one part fails.
type faulty struct {
	gitaccess.Store
	load    error
	hang    bool // LoadPushContext answers only when the time is over
	limiter error
	writes  error
}

var errDown = &table.UnavailableError{Op: "BatchGetItem", Err: errors.New("connection refused by 10.0.0.1")}

func (f *faulty) LoadPushContext(ctx context.Context, q lookup.PushQuery) (lookup.PushContext, error) {
	if f.hang {
		<-ctx.Done()
		return lookup.PushContext{}, &table.UnavailableError{Op: "BatchGetItem", Err: ctx.Err()}
	}
	if f.load != nil {
		return lookup.PushContext{}, f.load
	}
	return f.Store.LoadPushContext(ctx, q) //nolint:wrapcheck // a stand-in adds nothing
}

func (f *faulty) Throttled(ctx context.Context, scope string, limit int64) (bool, error) {
	if f.limiter != nil {
		return false, f.limiter
	}
	return f.Store.Throttled(ctx, scope, limit) //nolint:wrapcheck // a stand-in adds nothing
}

func (f *faulty) TouchKey(context.Context, *gitlab.Key) error   { return f.writes }
func (f *faulty) TouchUser(context.Context, *gitlab.User) error { return f.writes }

func (f *faulty) KeepMessage(context.Context, gitlab.ID, gitlab.Repository, storepushes.MessageKind, string) error {
	return f.writes
}

func TestAllowedWithFaults(t *testing.T) {
	deps := apitest.NewDeps(t, apitest.Fixture())
	rows := []struct {
		name   string
		fault  faulty
		body   string
		status int
		answer string
	}{
		{"the table is down", faulty{load: errDown}, appPull, 503, `{"message":"503 Service Unavailable"}`},
		{"an error that nobody knows", faulty{load: errors.New("disk on fire")}, appPull, 500, `{"message":"500 Internal Server Error"}`},
		{"the counter of the rate limit is down", faulty{limiter: errDown}, appPull, 200, `"status":true`},
		{"what is written beside cannot be", faulty{writes: errDown}, appPull, 200, `"status":true`},
		{"the moved message cannot be kept", faulty{writes: errDown}, strings.Replace(appPull, "acme/app", "acme/oldname", 1), 200, `"status":true`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.fault.Store = deps.Store
			deps.Log.Reset()
			got := ask(t, deps, &row.fault, row.body)
			if got.Status != row.status || !strings.Contains(got.Body, row.answer) {
				t.Errorf("%d %s, want %d with %s", got.Status, got.Body, row.status, row.answer)
			}
			if strings.Contains(got.Body, "10.0.0.1") || strings.Contains(got.Body, "fire") {
				t.Errorf("the answer tells what is behind it: %s", got.Body)
			}
			if line := deps.Log.String(); !strings.Contains(line, `"cause":`) {
				t.Errorf("the log line tells no cause: %s", line)
			}
		})
	}
}

func TestAllowedOutOfTime(t *testing.T) {
	deps := apitest.NewDeps(t, apitest.Fixture())
	deps.HTTP.Timeout = 300 * time.Millisecond
	got := ask(t, deps, &faulty{Store: deps.Store, hang: true}, appPull)
	const begins = "Push operation timed out\n\nTiming information for debugging purposes:\n"
	if got.Status != http.StatusServiceUnavailable || !strings.HasPrefix(got.Message(), begins) {
		t.Errorf("%d %q, want 503 that begins %q", got.Status, got.Message(), begins)
	}
	if got.Object()["status"] != false {
		t.Errorf("body %s, want status false", got.Body)
	}
}

func ask(t *testing.T, deps apitest.Deps, s gitaccess.Store, body string) *apitest.Answer {
	t.Helper()
	api := apitest.ServeDeps(t, deps, func(d apitest.Deps) http.Handler {
		return gitaccess.New(gitaccess.Deps{Store: s, Shell: d.Shell, Now: d.Now, HTTP: d.HTTP})
	})
	return send(t, api, "application/json", body)
}
