package lambdahttp

import (
	"bytes"
	"math"
	"net/http"
	"runtime/debug"
	"testing"
)

func TestSpareCollector(t *testing.T) {
	tests := []struct {
		name    string
		env     map[string]string
		percent int
		limit   int64
	}{
		{"in Lambda", map[string]string{memoryVariable: "512"}, 400, 384 << 20},
		{"in the smallest function", map[string]string{memoryVariable: "128"}, 400, 96 << 20},
		{"outside Lambda", nil, 100, math.MaxInt64},
		{"a memory that is no number", map[string]string{memoryVariable: "much"}, 100, math.MaxInt64},
		{"a memory below zero", map[string]string{memoryVariable: "-512"}, 100, math.MaxInt64},
		{"whose percentage is set", map[string]string{memoryVariable: "512", "GOGC": "100"}, 100, math.MaxInt64},
		{"whose limit is set", map[string]string{memoryVariable: "512", "GOMEMLIMIT": "1GiB"}, 100, math.MaxInt64},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			usualCollector(t)
			for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
				t.Setenv(name, tt.env[name])
			}
			SpareCollector(functionMemory(func(name string) string { return tt.env[name] }))
			if got := debug.SetGCPercent(100); got != tt.percent {
				t.Errorf("the collector runs at %d %%, want %d", got, tt.percent)
			}
			if got := debug.SetMemoryLimit(-1); got != tt.limit {
				t.Errorf("the limit is %d bytes, want %d", got, tt.limit)
			}
		})
	}
}

func TestAFunctionStartsWithTheSpareCollector(t *testing.T) {
	usualCollector(t)
	sdk(t, "http://127.0.0.1:1")
	build := func(*Runtime) (http.Handler, error) { return http.NotFoundHandler(), nil }
	if _, err := prepare(&bytes.Buffer{}, environment(memoryVariable, "256"), build); err != nil {
		t.Fatal(err)
	}
	if percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1); percent != 400 || limit != 192<<20 {
		t.Errorf("the collector runs at %d %% and from %d bytes on", percent, limit)
	}
}

// usualCollector lets a test begin with Go's own settings, and puts back those that it found.
func usualCollector(t *testing.T) {
	t.Helper()
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		t.Setenv(name, "")
	}
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
}
