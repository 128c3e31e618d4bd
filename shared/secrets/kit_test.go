package secrets

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errUnreachable = errors.New("dial tcp: connection refused")

// manager is a fake Secrets Manager with failures, delays and a counter. Tests against moto cover the real protocol.
type manager struct {
	mu       sync.Mutex
	versions map[string]string
	err      error
	slow     time.Duration
	fetches  atomic.Int64 // number of complete fetches
}

func (m *manager) GetSecretValue(
	ctx context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options),
) (*secretsmanager.GetSecretValueOutput, error) {
	if *in.VersionStage == pending { // read first
		m.fetches.Add(1)
	}
	m.mu.Lock()
	text, exists := m.versions[*in.VersionStage]
	err, slow := m.err, m.slow
	m.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(slow):
	}
	switch {
	case err != nil:
		return nil, err
	case !exists:
		return nil, &types.ResourceNotFoundException{}
	case strings.HasPrefix(text, "binary:"):
		return &secretsmanager.GetSecretValueOutput{SecretBinary: []byte(text)}, nil
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: &text}, nil
}

func (m *manager) put(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.versions[previous], m.versions[current] = m.versions[current], text
}

func (m *manager) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// rotate starts a rotation to a text.
func (m *manager) rotate(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.versions[pending] = text
}

func having(now, before string) *manager {
	m := &manager{versions: map[string]string{}}
	for stage, text := range map[string]string{current: now, previous: before} {
		if text != "" {
			m.versions[stage] = text
		}
	}
	return m
}

// parse accepts any text that does not begin with "bad".
func parse(text string) ([]byte, error) {
	if strings.HasPrefix(text, "bad") {
		return nil, errors.New("must not be bad")
	}
	return []byte(strings.TrimSpace(text)), nil
}

func open(t *testing.T, m *manager) *Source {
	t.Helper()
	s, err := New(t.Context(), m, "postern/shell", parse, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func texts(keys [][]byte) string { return string(bytes.Join(keys, []byte(","))) }

func known(t *testing.T, s *Source) string {
	t.Helper()
	keys, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return texts(keys)
}

func expect(t *testing.T, s *Source, m *manager, when, keys string, fetches int64) {
	t.Helper()
	before := m.fetches.Load()
	if got := known(t, s); got != keys || before != fetches {
		t.Errorf("%s: %q after %d fetches, want %q after %d", when, got, before, keys, fetches)
	}
}
