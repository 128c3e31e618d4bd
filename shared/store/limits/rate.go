package limits

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"postern/shared/table"
)

// rateWindows counts requests by scope in the current minute, for this process alone.
type rateWindows struct {
	mu     sync.Mutex
	minute int64
	scopes map[string]*rateScope
}

// rateScope is the knowledge of this process about one scope in the minute.
type rateScope struct {
	seen     int64 // requests that came here
	reported int64 // of those, how many the shared counter knows
	refused  int64 // the limit at which the shared counter was used up; 0 while it is not
}

// rateKept is the lifetime of a shared counter, which counts one minute.
const rateKept = 5 * time.Minute

// rateScopesKept bounds the memory of a process; past it scopes are counted by the shared counter alone.
const rateScopesKept = 50_000

func newRateWindows() *rateWindows { return &rateWindows{scopes: make(map[string]*rateScope)} }

// Throttled counts one request of a scope and reports whether the limit for this minute is used up.
//
// Each process counts for itself. After a quarter of the limit it asks the shared counter, and adds its unreported requests with
// one conditional write. So a scope costs nothing far from its limit, and n processes together admit at most
// limit + n × ⌊limit/4⌋ requests a minute.
func (s *Limits) Throttled(ctx context.Context, scope string, limit int64) (bool, error) {
	if limit <= 0 {
		return false, nil
	}
	minute := s.db.Now().Unix() / 60
	pending, throttled := s.rates.count(scope, minute, limit)
	if throttled || pending == 0 {
		return throttled, nil
	}
	taken, err := s.takeRate(ctx, rateKey(scope, minute), pending, limit)
	switch {
	case err != nil: // the write may have counted; a repeat at worst rejects a little early
		s.rates.unreport(scope, minute, pending)
	case !taken:
		s.rates.refuse(scope, minute, pending, limit)
	}
	return err == nil && !taken, err
}

// UsedUp reports whether the shared counter of one of the scopes has reached the limit for this minute. It counts nothing,
// and lacks the unreported requests of processes (Throttled).
func (s *Limits) UsedUp(ctx context.Context, scopes []string, limit int64) (bool, error) {
	if limit <= 0 {
		return false, nil
	}
	keys := make([]table.Key, len(scopes))
	for i, scope := range scopes {
		keys[i] = rateKey(scope, s.db.Now().Unix()/60)
	}
	found, err := s.db.Get(ctx, keys)
	for _, counter := range found {
		if table.Integer(counter, "n") >= limit {
			return true, err
		}
	}
	return false, err
}

// count adds one request. It returns the number of requests to report to the shared counter, 0 for no report.
func (w *rateWindows) count(scope string, minute, limit int64) (pending int64, throttled bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// A new minute: everything that is known is of the one before.
	if w.minute != minute {
		w.minute = minute
		clear(w.scopes)
	}
	known := w.scopes[scope]
	if known == nil {
		// Full: other scopes are counted by the shared counter alone, from the first request on.
		if len(w.scopes) >= rateScopesKept {
			return 1, false
		}
		known = &rateScope{}
		w.scopes[scope] = known
	}
	if known.refused != 0 && known.refused >= limit {
		return 0, true
	}
	known.seen++
	if known.seen*4 <= limit {
		return 0, false
	}
	pending = known.seen - known.reported
	known.reported = known.seen
	return pending, false
}

// unreport takes back a report that did not reach the shared counter.
func (w *rateWindows) unreport(scope string, minute, pending int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.scopes[scope]; known != nil && w.minute == minute {
		known.reported -= pending
	}
}

// refuse remembers that the shared counter is used up, so that it need not be asked again in this minute.
func (w *rateWindows) refuse(scope string, minute, pending, limit int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.scopes[scope]; known != nil && w.minute == minute {
		known.seen -= pending
		known.reported -= pending
		known.refused = limit
	}
}

// takeRate adds n to the shared counter unless that would pass the limit.
func (s *Limits) takeRate(ctx context.Context, k table.Key, n, limit int64) (bool, error) {
	if n > limit { // more than the whole limit: the condition could only compare with a negative number
		return false, nil
	}
	return s.db.WriteIf(ctx, table.Write{
		Verb: table.Update, Key: k, Once: true,
		Update: "ADD n :n SET expires = :expires", If: "attribute_not_exists(n) OR n <= :room",
		Values: table.Item{":n": table.Number(n), ":room": table.Number(limit - n), ":expires": s.db.Expires(rateKept)},
	})
}

// rateKey is the shared counter of one scope in one minute, given as minutes since 1970. Scopes hold clients' input of any length,
// so the key is their digest.
func rateKey(scope string, minute int64) table.Key {
	sum := sha256.Sum256([]byte(scope))
	return table.Key{PK: "rate#" + hex.EncodeToString(sum[:16]), SK: strconv.FormatInt(minute, 10)}
}
