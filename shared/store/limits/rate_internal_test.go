package limits

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"postern/shared/table"
)

func TestRateWindows(t *testing.T) {
	type want struct {
		pending   int64
		throttled bool
	}
	rows := []struct {
		name string
		do   func(*rateWindows)
		want want // of the next request, with a limit of four in minute 5
	}{
		{"the first of a minute is not told", func(*rateWindows) {}, want{0, false}},
		{"past a quarter all that were seen are told", func(w *rateWindows) { w.count("s", 5, 4) }, want{2, false}},
		{"then one by one", func(w *rateWindows) { w.count("s", 5, 4); w.count("s", 5, 4) }, want{1, false}},
		{"what was not told after all is told again", func(w *rateWindows) {
			w.count("s", 5, 4)
			pending, _ := w.count("s", 5, 4)
			w.unreport("s", 5, pending)
		}, want{3, false}},
		{"a counter that is used up refuses", func(w *rateWindows) { w.count("s", 5, 4); w.refuse("s", 5, 1, 4) }, want{0, true}},
		{"unless it was of a lower limit", func(w *rateWindows) { w.count("s", 5, 4); w.refuse("s", 5, 1, 3) }, want{0, false}},
		{"a refusal of another scope does not count", func(w *rateWindows) { w.count("o", 5, 4); w.refuse("o", 5, 1, 4) }, want{0, false}},
		{"a refusal of an earlier minute does not count", func(w *rateWindows) { w.count("s", 4, 4); w.refuse("s", 4, 1, 4) }, want{0, false}},
		{"an answer that comes a minute late is dropped", func(w *rateWindows) { w.count("s", 5, 4); w.refuse("s", 4, 1, 4); w.unreport("s", 4, 9) }, want{2, false}},
		{"past what is kept each is told at once", func(w *rateWindows) {
			for i := range rateScopesKept {
				w.count(strconv.Itoa(i), 5, 4)
			}
		}, want{1, false}},
		{"and no answer is remembered", func(w *rateWindows) {
			for i := range rateScopesKept {
				w.count(strconv.Itoa(i), 5, 4)
			}
			w.refuse("s", 5, 1, 4)
		}, want{1, false}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newRateWindows()
			row.do(w)
			pending, throttled := w.count("s", 5, 4)
			if got := (want{pending, throttled}); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

// At any concurrency each request is reported to the shared counter once.
func TestRateWindowsAtOnce(t *testing.T) {
	const workers, each, limit = 8, 100, 40
	w := newRateWindows()
	told := make([]int64, workers)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			for range each {
				pending, _ := w.count("s", 5, limit)
				if pending%3 == 2 { // some reports failed
					w.unreport("s", 5, pending)
					pending = 0
				}
				told[i] += pending
			}
		})
	}
	wg.Wait()
	total := w.scopes["s"].seen - w.scopes["s"].reported
	for _, n := range told {
		total += n
	}
	if total != workers*each {
		t.Errorf("%d of %d requests are accounted for", total, workers*each)
	}
}

func TestRateKeys(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	rows := []struct {
		name string
		a, b table.Key
		same bool
	}{
		{"the same scope and minute share a counter", rateKey("a", 5), rateKey("a", 5), true},
		{"minutes have counters of their own", rateKey("a", 5), rateKey("a", 6), false},
		{"scopes have counters of their own", rateKey("a", 5), rateKey("b", 5), false},
		{"scopes of any length differ in their last byte", rateKey(long+"a", 5), rateKey(long+"b", 5), false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if (row.a == row.b) != row.same {
				t.Errorf("%s and %s", row.a, row.b)
			}
			if len(row.a.PK) > 64 || !utf8.ValidString(row.a.PK) {
				t.Errorf("key %q", row.a.PK)
			}
		})
	}
}
