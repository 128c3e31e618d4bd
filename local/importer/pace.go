package importer

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// pace keeps requests within the limits that GitLab tells with every answer: once none remains, everybody waits until the
// limit is reset. It is the client's limiter.
type pace struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	say   func(format string, args ...any)

	mu    sync.Mutex
	until time.Time // nobody asks before
}

// Wait waits until the next request may be sent.
func (p *pace) Wait(ctx context.Context) error {
	p.mu.Lock()
	d := p.until.Sub(p.now())
	p.mu.Unlock()
	if d <= 0 {
		return ctx.Err()
	}
	return p.sleep(ctx, d)
}

// heed takes notice of what an answer says about limits.
func (p *pace) heed(status int, header http.Header) {
	now := p.now()
	d := pause(status, header, now)
	if d <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := now.Add(d); until.After(p.until) {
		p.until = until
		p.say("GitLab's limit is reached: goes on in %v", d.Round(time.Second))
	}
}

// pause returns how long an answer asks callers to wait: Retry-After (RFC 9110, seconds or a date) where it refuses, else until
// RateLimit-Reset (seconds since 1970) where it has let the last request through or refuses.
func pause(status int, header http.Header, now time.Time) time.Duration {
	refused := status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
	if after := header.Get("Retry-After"); refused && after != "" {
		if seconds, err := strconv.ParseInt(after, 10, 32); err == nil {
			return time.Duration(seconds) * time.Second
		}
		if at, err := http.ParseTime(after); err == nil {
			return at.Sub(now)
		}
	}
	reset, err := strconv.ParseInt(header.Get("RateLimit-Reset"), 10, 64)
	if err != nil || (!refused && header.Get("RateLimit-Remaining") != "0") {
		return 0
	}
	return time.Unix(reset, 0).Sub(now)
}

// How often a request is tried, and how long to wait before the next time where GitLab does not say.
const (
	attempts    = 10
	firstWait   = time.Second
	longestWait = time.Minute
)

// backoff returns how long to wait after a failure, the first of which is number 0.
func backoff(failures int) time.Duration {
	return min(firstWait<<min(failures, 10), longestWait)
}
