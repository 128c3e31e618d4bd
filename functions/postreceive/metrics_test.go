package postreceive_test

import (
	"slices"
	"strings"
	"testing"

	"postern/shared/metrics/metricstest"
)

// counts returns how often each metric was counted since the log was reset, by outcome and for the lag.
func counts(t *testing.T, w *worker) map[string]int {
	t.Helper()
	found := map[string]int{}
	for line := range strings.Lines(w.Log.String()) {
		for _, d := range metricstest.Read(t, []byte(line)) {
			if d.Dimensions["family"] != "postreceive" || d.Namespace != "Postern/test" {
				t.Errorf("%v in %s", d, d.Namespace)
			}
			if d.Name == "lag_ms" && (d.Value < 0 || d.Value > 60_000) {
				t.Errorf("a push of this test is %v ms old", d.Value)
			}
			if d.Name == "duration_ms" || d.Name == "lag_ms" {
				found[d.Name+" "+d.Dimensions["outcome"]]++
			}
		}
	}
	return found
}

// A push has an age only when it is finished: one that failed comes again, and a repeat was finished long ago.
func TestPushesAreCountedByWhatBecameOfThem(t *testing.T) {
	rows := []struct {
		name    string
		refused int // by the event bus
		sent    int
		want    map[string]int
	}{
		{"a push that is published has an age", 0, 1, map[string]int{"duration_ms published": 1, "lag_ms ": 1}},
		{"a repeat has none", 0, 2, map[string]int{"duration_ms published": 1, "duration_ms repeated": 1, "lag_ms ": 1}},
		{"a push that fails has none", 1, 1, map[string]int{"duration_ms failed": 1}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorker(t)
			records := w.accept("1", object("0")+" "+object("a")+" refs/heads/new")
			w.bus.refuse = row.refused
			w.Log.Reset()
			w.send(w, slices.Repeat(records, row.sent)...)
			got := counts(t, w)
			if len(got) != len(row.want) {
				t.Errorf("counted %v, want %v", got, row.want)
			}
			for name, n := range row.want {
				if got[name] != n {
					t.Errorf("%s: %d, want %d", name, got[name], n)
				}
			}
		})
	}
}
