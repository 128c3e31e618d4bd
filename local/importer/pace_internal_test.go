package importer

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

func TestPause(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	in20 := "1777636820" // 20 seconds later
	rows := []struct {
		name   string
		status int
		header map[string]string
		want   time.Duration
	}{
		{"no limits", 200, nil, 0},
		{"requests remain", 200, map[string]string{"RateLimit-Remaining": "1", "RateLimit-Reset": in20}, 0},
		{"no request remains", 200, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": in20}, 20 * time.Second},
		{"no request remains, without a reset", 200, map[string]string{"RateLimit-Remaining": "0"}, 0},
		{"rejected, in seconds", 429, map[string]string{"Retry-After": "3"}, 3 * time.Second},
		{"rejected, until a date", 429, map[string]string{"Retry-After": "Fri, 01 May 2026 12:00:05 GMT"}, 5 * time.Second},
		{"rejected, until a past date", 429, map[string]string{"Retry-After": "Fri, 01 May 2026 11:00:00 GMT"}, -time.Hour},
		{"Retry-After before the limit's end", 429, map[string]string{"Retry-After": "3", "RateLimit-Reset": in20}, 3 * time.Second},
		{"rejected, until the limit's reset", 429, map[string]string{"RateLimit-Reset": in20}, 20 * time.Second},
		{"rejected, malformed", 429, map[string]string{"Retry-After": "soon"}, 0},
		{"out of service, in seconds", 503, map[string]string{"Retry-After": "8"}, 8 * time.Second},
		{"Retry-After without a rejection", 200, map[string]string{"Retry-After": "8"}, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			header := http.Header{}
			for name, value := range row.header {
				header.Set(name, value)
			}
			if got := pause(row.status, header, now); got != row.want {
				t.Errorf("%v, want %v", got, row.want)
			}
		})
	}
}

func TestBackoffGrowsToItsMaximum(t *testing.T) {
	for failures, want := range map[int]time.Duration{0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second, 6: time.Minute, 1000: time.Minute} {
		if got := backoff(failures); got != want {
			t.Errorf("after %d: %v, want %v", failures, got, want)
		}
	}
}

func TestPaceKeepsTheLongestWait(t *testing.T) {
	now, slept := time.Unix(1000, 0), time.Duration(0)
	p := &pace{reportf: t.Logf, now: func() time.Time { return now }, sleep: func(ctx context.Context, d time.Duration) error {
		slept += d
		return ctx.Err()
	}}
	if err := p.Wait(t.Context()); err != nil || slept != 0 {
		t.Errorf("waits %v at first, %v", slept, err)
	}
	for _, seconds := range []string{"9", "4"} {
		p.heed(http.StatusTooManyRequests, http.Header{"Retry-After": {seconds}})
	}
	if err := p.Wait(t.Context()); err != nil || slept != 9*time.Second {
		t.Errorf("waits %v, %v", slept, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Wait(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("waits after the context has ended: %v", err)
	}
}
