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
	// refreshAfter is the age at which the keys are fetched again, beside the requests.
	refreshAfter = 5 * time.Minute
	// OverdueAfter is the age at which a request waits for the refresh. An instance with little to do is frozen
	// between requests, where nothing beside them ever comes to its end. So a version that is older than this is known
	// to every instance that answers.
	OverdueAfter = 15 * time.Minute
	// refetchPause is the least time between two fetches for the sake of unknown signatures, and after a failed refresh:
	// a flood of bad tokens must not become a flood of calls.
	refetchPause = 10 * time.Second
	// fetchTimeout bounds a fetch that is not the first one.
	fetchTimeout = 3 * time.Second
)

// Source has the keys of one secret. It is safe for concurrent use.
type Source struct {
	fetcher fetcher
	now     func() time.Time
	log     *slog.Logger
	metrics metrics.Namespace
	flights singleflight.Group

	mu        sync.Mutex
	keys      [][]byte
	fetched   time.Time // when the keys were asked for
	tried     time.Time // when a refresh last began
	refetched time.Time // when Refetch last asked
}

// Options are what a Source works with.
type Options struct {
	Now     func() time.Time
	Logger  *slog.Logger      // gets a line for each refresh; never sees a key
	Metrics metrics.Namespace // of the metrics in those lines; none when empty
}

// New fetches the secret with an id (its name or ARN) in its current, previous and pending version. Parse turns a
// version's text into a key. A secret that cannot be fetched or a current version that is no key is an error: better not
// to start than to start without. A previous or pending version that is missing or no key is done without.
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

// Keys returns the keys as last fetched, the current one first; they must not be changed. Keys older than five minutes
// are returned while a refresh begins beside the request, which waits for it only when they are older than fifteen. A
// refresh that fails changes nothing. The error is always nil.
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

// look returns the keys and whether it is up to the caller to refresh them. Only one caller is told so, and after a
// refresh that failed only when the pause is over.
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

// Refetch fetches the keys because those there are explain no signature. It returns the keys and whether they are
// others than before. Within ten seconds of the last time it does not ask again. Concurrent calls share one fetch; a
// call whose context ends does not wait for it. When the secret cannot be fetched, the error says why, and the last
// good keys stay.
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

// mayRefetch reports whether the pause is over, and begins the next one.
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

// refresh replaces old keys. A failure keeps them.
func (s *Source) refresh(ctx context.Context) {
	_, _ = s.replace(ctx) // which has written its line
}

// replace fetches the keys, puts them in the place of those there were, and writes the line about it.
func (s *Source) replace(ctx context.Context) (changed bool, err error) {
	defer func() { s.wrote(ctx, changed, err) }()
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

// wrote writes the line about a refresh. One that found nothing new is of interest only as a number.
func (s *Source) wrote(ctx context.Context, changed bool, err error) {
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

// current returns the keys as they are now.
func (s *Source) current() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys
}
