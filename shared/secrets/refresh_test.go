package secrets

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postern/shared/metrics/metricstest"
)

func TestKeysRefreshInBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := having("first", "")
		s := open(t, m)
		m.put("new")
		time.Sleep(refreshAfter - time.Nanosecond)
		expect(t, s, m, "fresh keys", "first", 1)
		time.Sleep(time.Nanosecond)
		expect(t, s, m, "due keys are returned during the refresh", "first", 1)
		synctest.Wait()
		expect(t, s, m, "after the refresh", "new,first", 2)
		time.Sleep(refreshAfter)
		expect(t, s, m, "due again", "new,first", 2)
		expect(t, s, m, "only one refresh at a time", "new,first", 2)
		synctest.Wait()
		expect(t, s, m, "after the second refresh", "new,first", 3)
	})
}

func TestFailedRefreshKeepsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		m := having("first s3cr3t", "")
		s, err := New(t.Context(), m, "postern/shell", parse, Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		m.fail(errUnreachable)
		time.Sleep(refreshAfter)
		for range 100 { // ten seconds
			if got := known(t, s); got != "first s3cr3t" {
				t.Fatalf("keys %q", got)
			}
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait()
		if got := m.fetches.Load(); got != 2 {
			t.Errorf("%d fetches, want 2", got)
		}
		if out := log.String(); !strings.Contains(out, "connection refused") || strings.Contains(out, "s3cr3t") {
			t.Errorf("log: %s", out)
		}
		m.fail(nil)
		m.put("new")
		known(t, s)
		synctest.Wait()
		if got := known(t, s); got != "new,first s3cr3t" {
			t.Errorf("keys %q after the recovery of Secrets Manager", got)
		}
	})
}

// A frozen instance runs nothing between requests, so the request itself replaces overdue keys.
func TestKeysWaitForOverdueRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := having("first", "")
		s := open(t, m)
		m.put("second")
		m.put("third")
		time.Sleep(OverdueAfter)
		if got := known(t, s); got != "third,second" {
			t.Errorf("keys %q", got)
		}
		m.fail(errUnreachable)
		time.Sleep(OverdueAfter)
		if got := known(t, s); got != "third,second" {
			t.Errorf("unreachable: keys %q", got)
		}
	})
}

func TestKeysAndRefetchRunConcurrently(t *testing.T) {
	m := having("first", "")
	s := open(t, m)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 20 {
				if i == 0 {
					m.put(fmt.Sprint("key", j))
				}
				if _, _, err := s.Refetch(t.Context()); err != nil {
					t.Error(err)
				}
				if keys, err := s.Keys(t.Context()); err != nil || len(keys) == 0 {
					t.Errorf("%q, %v", keys, err)
				}
			}
		})
	}
	all.Wait()
}

// Each refresh is counted by outcome, even if the log level drops its line.
func TestRefreshCountsOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		m := having("first s3cr3t", "")
		logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
		s, err := New(t.Context(), m, "postern/shell", parse, Options{Logger: logger, Metrics: "Postern/test"})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			put  string
			err  error
			want string
		}{
			{"", nil, "unchanged"}, {"second s3cr3t", nil, "changed"}, {"", errUnreachable, "failed"}, {"bad s3cr3t", nil, "failed"},
		} {
			log.Reset()
			if step.put != "" {
				m.put(step.put)
			}
			m.fail(step.err)
			_, _, _ = s.Refetch(t.Context())
			data := metricstest.Strings(metricstest.Read(t, log.Bytes()))
			if want := []string{"secret_refreshes by outcome=" + step.want + ": 1"}; !slices.Equal(data, want) {
				t.Errorf("%q, want %q", data, want)
			}
			if strings.Contains(log.String(), "s3cr3t") {
				t.Errorf("log: %s", log.String())
			}
			time.Sleep(refetchPause)
		}
	})
}
