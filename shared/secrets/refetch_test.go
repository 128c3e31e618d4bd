package secrets

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Time is simulated and passes only while all goroutines wait, so the results are exact.
func TestRefetchPausesBetweenFetches(t *testing.T) {
	type step struct {
		wait    time.Duration
		put     string // a new version, if any
		err     error  // from Secrets Manager from now on
		want    string
		changed bool
		fetches int64 // so far, including the one at the start
		fails   bool
	}
	rows := []struct {
		name  string
		steps []step
	}{
		{"a new secret is found at once", []step{{put: "new", want: "new,first", changed: true, fetches: 2}}},
		{"an unchanged secret", []step{{want: "first", fetches: 2}}},
		{"no second fetch within 10 s", []step{
			{want: "first", fetches: 2},
			{wait: 9999 * time.Millisecond, put: "new", want: "first", fetches: 2},
			{wait: time.Millisecond, want: "new,first", changed: true, fetches: 3},
		}},
		{"a failure starts the pause and keeps the last good keys", []step{
			{err: errUnreachable, want: "first", fetches: 2, fails: true},
			{wait: 5 * time.Second, err: errUnreachable, want: "first", fetches: 2},
			{wait: 5 * time.Second, err: errUnreachable, want: "first", fetches: 3, fails: true},
		}},
		{"a malformed version changes nothing", []step{{put: "bad", want: "first", fetches: 2, fails: true}}},
		{"two rotations drop the first key", []step{
			{put: "second", want: "second,first", changed: true, fetches: 2},
			{wait: 10 * time.Second, put: "third", want: "third,second", changed: true, fetches: 3},
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := having("first", "")
				s := open(t, m)
				for i, step := range row.steps {
					time.Sleep(step.wait)
					if step.put != "" {
						m.put(step.put)
					}
					m.fail(step.err)
					keys, changed, err := s.Refetch(t.Context())
					if texts(keys) != step.want || changed != step.changed || (err != nil) != step.fails {
						t.Errorf("step %d: %q, %v, %v; want %q, %v", i, texts(keys), changed, err, step.want, step.changed)
					}
					if got := m.fetches.Load(); got != step.fetches {
						t.Errorf("step %d: %d fetches, want %d", i, got, step.fetches)
					}
				}
			})
		})
	}
}

func TestRefetchSharesOneFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := having("first", "")
		s := open(t, m)
		m.put("new")
		m.slow = 500 * time.Millisecond
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if keys, changed, err := s.Refetch(t.Context()); err != nil || !changed || texts(keys) != "new,first" {
					t.Errorf("%q, %v, %v", texts(keys), changed, err)
				}
			})
		}
		all.Wait()
		if got := m.fetches.Load(); got != 2 {
			t.Errorf("%d fetches, want one at the start and one for all callers", got)
		}
	})
}

// A flood of bad tokens, a hundred a second for a minute, causes six fetches.
func TestRefetchLimitsFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := having("first", "")
		s := open(t, m)
		for range 60 * 100 {
			if _, _, err := s.Refetch(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if got := m.fetches.Load() - 1; got != 6 {
			t.Errorf("%d fetches in a minute, want 6", got)
		}
	})
}

func TestRefetchReturnsAtCallerDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := having("first", "")
		s := open(t, m)
		m.put("new")
		m.slow = 800 * time.Millisecond
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		keys, changed, err := s.Refetch(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || changed || texts(keys) != "first" {
			t.Errorf("%q, %v, %v", texts(keys), changed, err)
		}
		time.Sleep(2 * time.Second) // the fetch continues for the next caller
		if got := known(t, s); got != "new,first" {
			t.Errorf("keys %q", got)
		}
	})
}

func TestRefetchTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := having("first", "")
		s := open(t, m)
		m.slow = time.Hour
		began := time.Now()
		if _, _, err := s.Refetch(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != fetchTimeout {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
