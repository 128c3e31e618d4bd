package importer

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// pace keeps requests within GitLab's rate limits, which every answer has. When no request remains, all requests wait until the limit's
// reset. It is the client's limiter.
type pace struct {
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
	reportf func(format string, args ...any)

	mu    sync.Mutex
	until time.Time // no request before
}

// Wait waits until the next request is permitted.
func (p *pace) Wait(ctx context.Context) error {
	p.mu.Lock()
	d := p.until.Sub(p.now())
	p.mu.Unlock()
	if d <= 0 {
		return ctx.Err()
	}
	return p.sleep(ctx, d)
}

// heed reads the limits of an answer.
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
		p.reportf("GitLab's limit is reached, the import continues in %v", d.Round(time.Second))
	}
}

// pause returns the time to wait after an answer. A rejection has Retry-After (RFC 9110, seconds or a date). A rejection and the last
// permitted request have RateLimit-Reset (seconds since 1970).
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

// The number of attempts of a request, and the time between them without a time from GitLab.
const (
	attempts    = 10
	firstWait   = time.Second
	longestWait = time.Minute
)

// backoff returns the time to wait after a failure, counted from 0.
func backoff(failures int) time.Duration {
	return min(firstWait<<min(failures, 10), longestWait)
}
