package store_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/store"
	"postern/shared/storetest"
	"postern/shared/table"
)

// writes counts updates, and fails them once broken.
type writes struct {
	table.API
	updates atomic.Int64
	broken  atomic.Bool
}

func (w *writes) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	w.updates.Add(1)
	if w.broken.Load() {
		return nil, context.DeadlineExceeded
	}
	return w.API.UpdateItem(ctx, in, o...)
}

// clock is a time that tests move by hand.
type clock struct{ at atomic.Int64 }

// newClock begins in the future: what has run out by the machine's clock, DynamoDB Local deletes whenever it likes.
func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2054, 1, 2, 3, 4, 5, 0, time.UTC).Unix())
	return c
}

func (c *clock) now() time.Time      { return time.Unix(c.at.Load(), 0).UTC() }
func (c *clock) add(d time.Duration) { c.at.Add(int64(d / time.Second)) }
func throttled(t *testing.T, s *store.Store, scope string, limit int64) bool {
	t.Helper()
	over, err := s.Throttled(t.Context(), scope, limit)
	if err != nil {
		t.Fatalf("Throttled: %v", err)
	}
	return over
}

func TestThrottled(t *testing.T) {
	client, table := storetest.Open(t)
	rows := []struct {
		name    string
		limit   int64
		asked   int
		passed  int
		updates int64
	}{
		{"costs nothing up to a quarter of the limit", 100, 25, 25, 0},
		{"asks the shared counter past a quarter of the limit", 100, 26, 26, 1},
		{"passes as many as the limit", 20, 20, 20, 15},
		{"refuses what is over the limit, and then asks no more in this minute", 20, 40, 20, 16},
		{"a limit of one passes one", 1, 3, 1, 2},
		{"no limit", 0, 50, 50, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := &writes{API: client}
			s := store.New(api, table, newClock().now)
			passed := 0
			for range row.asked {
				if !throttled(t, s, row.name, row.limit) {
					passed++
				}
			}
			if passed != row.passed || api.updates.Load() != row.updates {
				t.Errorf("%d passed with %d writes, want %d with %d", passed, api.updates.Load(), row.passed, row.updates)
			}
		})
	}
}

func TestThrottledStartsAnewWithTheNextMinute(t *testing.T) {
	client, table := storetest.Open(t)
	now := newClock()
	s := store.New(client, table, now.now)
	for _, want := range []bool{false, true, true} {
		if got := throttled(t, s, "scope", 1); got != want {
			t.Fatalf("throttled is %t, want %t", got, want)
		}
	}
	now.add(time.Minute)
	if throttled(t, s, "scope", 1) {
		t.Error("still refused in the next minute")
	}
}

func TestThrottledSeesAHigherLimitAtOnce(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, newClock().now)
	throttled(t, s, "scope", 1)
	if !throttled(t, s, "scope", 1) {
		t.Fatal("the second is not refused with a limit of one")
	}
	if throttled(t, s, "scope", 100) {
		t.Error("refused although the limit has been raised")
	}
}

// Instances that do not know of each other let through at most limit + n × ⌊limit/4⌋ together.
func TestThrottledAcrossInstances(t *testing.T) {
	client, table := storetest.Open(t)
	now := newClock()
	const limit, instances, each = 40, 4, 60
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range instances {
		s := store.New(client, table, now.now)
		wg.Go(func() {
			for range each {
				if over, err := s.Throttled(context.Background(), "scope", limit); err == nil && !over {
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if got := passed.Load(); got > limit+instances*(limit/4) || got < limit {
		t.Errorf("%d passed, want at least %d and at most %d", got, limit, limit+instances*(limit/4))
	}
}

func TestThrottledTellsWhatItCouldNotReport(t *testing.T) {
	client, table := storetest.Open(t)
	api := &writes{API: client}
	now := newClock()
	s := store.New(api, table, now.now)
	api.broken.Store(true)
	for range 4 {
		if _, err := s.Throttled(t.Context(), "scope", 4); err == nil && api.updates.Load() > 0 {
			t.Fatal("an unreachable counter is no error")
		}
	}
	api.broken.Store(false)
	if throttled(t, s, "scope", 10) {
		t.Fatal("refused below the limit")
	}
	other := store.New(client, table, now.now)
	passed := 0
	for range 10 {
		if !throttled(t, other, "scope", 10) {
			passed++
		}
	}
	// The first instance has reported its five; the other knew of two of its own before it asked.
	if passed != 5 {
		t.Errorf("%d passed on another instance, want 5", passed)
	}
}

// Asking whether a limit is used up counts nothing.
func TestUsedUp(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	const limit = 2
	for asked, want := range []bool{false, false, true} {
		for range 3 {
			if got, err := s.UsedUp(t.Context(), []string{"another", "scope"}, limit); err != nil || got != want {
				t.Errorf("after %d requests: used up %t (%v), want %t", asked, got, err, want)
			}
		}
		if _, err := s.Throttled(t.Context(), "scope", limit); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.UsedUp(t.Context(), []string{"scope"}, 0); err != nil || got {
		t.Errorf("without a limit: used up %t (%v)", got, err)
	}
}
