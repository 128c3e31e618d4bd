package apitest

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"postern/shared/metrics/metricstest"
)

// StaticKeys is a source of one key that never changes.
type StaticKeys string

// Keys returns the key.
func (k StaticKeys) Keys(context.Context) ([][]byte, error) { return [][]byte{[]byte(k)}, nil }

// Refetch finds nothing newer.
func (k StaticKeys) Refetch(context.Context) ([][]byte, bool, error) {
	return [][]byte{[]byte(k)}, false, nil
}

// Log is what an API has logged; requests may write it while a test reads.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write adds a line.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns all lines.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// check reads the lines as CloudWatch would, which fails the test for metrics that it would drop.
func (l *Log) check(t testing.TB) {
	t.Helper()
	for line := range strings.Lines(l.String()) {
		metricstest.Read(t, []byte(line))
	}
}

// Reset forgets all lines.
func (l *Log) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.Reset()
}
