package secrets

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"postern/shared/metrics"
)

const (
	// refreshAfter is the age at which a background refresh starts.
	refreshAfter = 5 * time.Minute
	// OverdueAfter is the age at which a request waits for the refresh. An idle instance is frozen between requests, so its
	// background refresh may never complete. Every answering instance therefore knows a version that is older than this.
	OverdueAfter = 15 * time.Minute
	// refetchPause is the minimum time between two fetches for unknown signatures, and after a failed refresh. It limits
	// the calls that a flood of bad tokens can cause.
	refetchPause = 10 * time.Second
	// fetchTimeout limits every fetch except the first.
	fetchTimeout = 3 * time.Second
)

// Source provides the keys of one secret. It is safe for concurrent use.
type Source struct {
	fetcher fetcher
	now     func() time.Time
	log     *slog.Logger
	metrics metrics.Namespace
	flights singleflight.Group

	mu        sync.Mutex
	keys      [][]byte
	fetched   time.Time // start of the last successful fetch
	tried     time.Time // start of the last refresh
	refetched time.Time // start of the last fetch by Refetch
}

// Options are the optional dependencies of a Source.
type Options struct {
	Now     func() time.Time
	Logger  *slog.Logger      // one line per refresh, without keys
	Metrics metrics.Namespace // for the metrics in those lines; empty for none
}

// New fetches the current, previous and pending version of a secret by its id (name or ARN). Parse turns a version's text
// into a key. New fails if the secret cannot be fetched or the current version is malformed. It ignores a missing or
// malformed previous or pending version.
func New(ctx context.Context, api API, id string, parse func(text string) ([]byte, error), o Options) (*Source, error) {
	s := &Source{fetcher: fetcher{api: api, id: id, parse: parse}, now: o.Now, log: o.Logger, metrics: o.Metrics}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	began := s.now()
	keys, err := s.fetcher.fetch(ctx)
	if err != nil {
		return nil, err
	}
	s.keys, s.fetched = keys, began
	return s, nil
}

// Keys returns the last fetched keys, the current one first. Callers must not change them. Keys older than refreshAfter
// start a background refresh. Keys older than OverdueAfter make the request wait for it. A failed refresh keeps the keys.
// The error is always nil.
func (s *Source) Keys(ctx context.Context) ([][]byte, error) {
	keys, due, overdue := s.look()
	switch {
	case overdue:
		s.refresh(ctx)
		return s.current(), nil
	case due:
		go s.refresh(context.WithoutCancel(ctx))
	}
	return keys, nil
}

// look returns the keys and whether the caller must refresh them. Only one caller gets this task, and after a failed
// refresh only once the pause is over.
func (s *Source) look() (keys [][]byte, due, overdue bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	age := now.Sub(s.fetched)
	due = age >= refreshAfter && now.Sub(s.tried) >= refetchPause
	if due {
		s.tried = now
	}
	return s.keys, due, due && age >= OverdueAfter
}

// Refetch fetches the keys after an unknown signature. It returns the keys and whether they changed. It fetches at most
// once in refetchPause. Concurrent calls share one fetch, and a call returns when its context ends. If the fetch fails,
// the error has the cause and the last good keys stay.
func (s *Source) Refetch(ctx context.Context) (keys [][]byte, changed bool, err error) {
	flight := s.flights.DoChan("refetch", func() (any, error) {
		if !s.mayRefetch() {
			return false, nil
		}
		return s.replace(context.WithoutCancel(ctx))
	})
	select {
	case <-ctx.Done():
		return s.current(), false, fmt.Errorf("secrets: refetch: %w", ctx.Err())
	case result := <-flight:
		changed, _ = result.Val.(bool)
		return s.current(), changed, result.Err
	}
}

// mayRefetch reports whether the pause is over, and starts the next one.
func (s *Source) mayRefetch() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if !s.refetched.IsZero() && now.Sub(s.refetched) < refetchPause {
		return false
	}
	s.refetched = now
	return true
}

// refresh replaces due keys. A failure keeps them.
func (s *Source) refresh(ctx context.Context) {
	_, _ = s.replace(ctx) // replace has logged the error
}

// replace fetches the keys, stores them and logs the refresh.
func (s *Source) replace(ctx context.Context) (changed bool, err error) {
	defer func() { s.logRefresh(ctx, changed, err) }()
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	began := s.now()
	keys, err := s.fetcher.fetch(ctx)
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	changed = !slices.EqualFunc(keys, s.keys, bytes.Equal)
	s.keys, s.fetched = keys, began
	return changed, nil
}

// logRefresh logs a refresh. An unchanged secret is logged at level debug, because only its count matters.
func (s *Source) logRefresh(ctx context.Context, changed bool, err error) {
	level, outcome := slog.LevelDebug, "unchanged"
	attrs := []slog.Attr{slog.String("secret", s.fetcher.id), slog.Int("secret_refreshes", 1)}
	switch {
	case err != nil:
		level, outcome = slog.LevelWarn, "failed"
		attrs = append(attrs, slog.String("cause", err.Error()))
	case changed:
		level, outcome = slog.LevelInfo, "changed"
	}
	s.metrics.Log(ctx, s.log, level, s.now(), "secret", append(attrs, slog.String("outcome", outcome)), &metrics.Secrets)
}

func (s *Source) current() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys
}
