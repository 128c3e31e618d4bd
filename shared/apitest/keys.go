package apitest

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"postern/shared/metrics/metricstest"
)

// StaticKeys is a key source with one constant key.
type StaticKeys string

// Keys returns the constant key.
func (k StaticKeys) Keys(context.Context) ([][]byte, error) { return [][]byte{[]byte(k)}, nil }

// Refetch returns the constant key and no change.
func (k StaticKeys) Refetch(context.Context) ([][]byte, bool, error) {
	return [][]byte{[]byte(k)}, false, nil
}

// Log records the log of an API. It is safe for concurrent use.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write appends a line.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// check fails the test for metrics that CloudWatch would drop.
func (l *Log) check(t testing.TB) {
	t.Helper()
	for line := range strings.Lines(l.String()) {
		metricstest.Read(t, []byte(line))
	}
}

// Reset removes all lines.
func (l *Log) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.Reset()
}
