package secrets

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Time in these tests passes only when everything waits, so they are exact.
func TestRefetch(t *testing.T) {
	type step struct {
		wait    time.Duration
		put     string // a new version, if any
		err     error  // of Secrets Manager from now on
		want    string
		changed bool
		asked   int64 // questions so far, the one at the start included
		fails   bool
	}
	rows := []struct {
		name  string
		steps []step
	}{
		{"a secret put after the start is found at once", []step{{put: "new", want: "new,first", changed: true, asked: 2}}},
		{"nothing new", []step{{want: "first", asked: 2}}},
		{"within 10 s nobody is asked again", []step{
			{want: "first", asked: 2},
			{wait: 9999 * time.Millisecond, put: "new", want: "first", asked: 2},
			{wait: time.Millisecond, want: "new,first", changed: true, asked: 3},
		}},
		{"a failure counts as asked, and the last good keys stay", []step{
			{err: errUnreachable, want: "first", asked: 2, fails: true},
			{wait: 5 * time.Second, err: errUnreachable, want: "first", asked: 2},
			{wait: 5 * time.Second, err: errUnreachable, want: "first", asked: 3, fails: true},
		}},
		{"a version that is no key changes nothing", []step{{put: "bad", want: "first", asked: 2, fails: true}}},
		{"two rotations leave the first behind", []step{
			{put: "second", want: "second,first", changed: true, asked: 2},
			{wait: 10 * time.Second, put: "third", want: "third,second", changed: true, asked: 3},
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
					if got := m.asked.Load(); got != step.asked {
						t.Errorf("step %d: asked %d times, want %d", i, got, step.asked)
					}
				}
			})
		})
	}
}

func TestConcurrentRefetchesShareOneFlight(t *testing.T) {
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
		if got := m.asked.Load(); got != 2 {
			t.Errorf("asked %d times, want once at the start and once for all", got)
		}
	})
}

// A flood of bad tokens, a hundred a second for a minute, asks six times.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := having("first", "")
		s := open(t, m)
		for range 60 * 100 {
			if _, _, err := s.Refetch(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if got := m.asked.Load() - 1; got != 6 {
			t.Errorf("asked %d times in a minute, want 6", got)
		}
	})
}

func TestRefetchDoesNotOutliveItsCaller(t *testing.T) {
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
		time.Sleep(2 * time.Second) // the fetch itself goes on, for the next caller
		if got := known(t, s); got != "new,first" {
			t.Errorf("keys %q", got)
		}
	})
}

func TestRefetchGivesUp(t *testing.T) {
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
