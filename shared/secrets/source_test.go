package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"go.uber.org/goleak"

	"postern/shared/metrics/metricstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errUnreachable = errors.New("dial tcp: connection refused")

// manager stands for a Secrets Manager that can fail, be slow and be counted; what the real one does is tested
// against moto.
type manager struct {
	mu       sync.Mutex
	versions map[string]string
	err      error
	slow     time.Duration
	asked    atomic.Int64 // how often the versions were asked for
}

func (m *manager) GetSecretValue(
	ctx context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options),
) (*secretsmanager.GetSecretValueOutput, error) {
	if *in.VersionStage == pending { // asked for first
		m.asked.Add(1)
	}
	m.mu.Lock()
	text, there := m.versions[*in.VersionStage]
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
	case !there:
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

// rotate begins a rotation to a text.
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

// parse takes everything for a key but what begins with "bad".
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

func TestNew(t *testing.T) {
	rows := []struct {
		name        string
		now, before string
		want        string // empty for an error
	}{
		{"one version", "new", "", "new"},
		{"both versions, the current one first", "new", "old", "new,old"},
		{"the same twice is one", "new", "new", "new"},
		{"the same but for white space is one", "new\n", "new", "new"},
		{"a binary secret", "binary:x", "", "binary:x"},
		{"a previous version that is no key is done without", "new", "bad", "new"},
		{"a current version that is no key is an error", "bad", "old", ""},
		{"no secret is an error", "", "", ""},
		{"only a previous version is an error", "", "old", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s, err := New(t.Context(), having(row.now, row.before), "postern/shell", parse, Options{})
			if (err == nil) != (row.want != "") {
				t.Fatalf("New: %v", err)
			}
			if err == nil && known(t, s) != row.want {
				t.Errorf("keys %q, want %q", known(t, s), row.want)
			}
		})
	}
}

// Nothing starts without its secret, and the error says which it is.
func TestUnreachableAtTheStart(t *testing.T) {
	m := having("new", "old")
	m.fail(errUnreachable)
	_, err := New(t.Context(), m, "postern/shell", parse, Options{})
	if !errors.Is(err, errUnreachable) || !strings.Contains(err.Error(), "postern/shell") {
		t.Errorf("New: %v", err)
	}
}

func TestPendingVersion(t *testing.T) {
	rows := []struct {
		name, pending, want string
	}{
		{"is a key before it is the current one", "next", "new,old,next"},
		{"is the current one at the end of a rotation", "new", "new,old"},
		{"that is no key is done without", "bad", "new,old"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			m := having("new", "old")
			m.rotate(row.pending)
			if got := known(t, open(t, m)); got != row.want {
				t.Errorf("keys %q, want %q", got, row.want)
			}
		})
	}
}

func TestErrorsKeepTheSecret(t *testing.T) {
	_, err := New(t.Context(), having("bad s3cr3t", ""), "postern/shell", parse, Options{})
	if err == nil || strings.Contains(err.Error(), "s3cr3t") || !strings.Contains(err.Error(), "must not be bad") {
		t.Errorf("New: %v", err)
	}
}

func TestBackgroundRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := having("first", "")
		s := open(t, m)
		m.put("new")
		time.Sleep(refreshAfter - time.Nanosecond)
		expect(t, s, m, "young keys", "first", 1)
		time.Sleep(time.Nanosecond)
		expect(t, s, m, "old keys are returned while new ones are fetched", "first", 1)
		synctest.Wait()
		expect(t, s, m, "then there are new ones", "new,first", 2)
		time.Sleep(refreshAfter)
		expect(t, s, m, "old again", "new,first", 2)
		expect(t, s, m, "one refresh at a time", "new,first", 2)
		synctest.Wait()
		expect(t, s, m, "fetched again", "new,first", 3)
	})
}

func expect(t *testing.T, s *Source, m *manager, when, keys string, asked int64) {
	t.Helper()
	before := m.asked.Load()
	if got := known(t, s); got != keys || before != asked {
		t.Errorf("%s: %q after %d questions, want %q after %d", when, got, before, keys, asked)
	}
}

func TestFailedRefreshKeepsTheKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		m := having("first s3cr3t", "")
		s, err := New(t.Context(), m, "postern/shell", parse, Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		m.fail(errUnreachable)
		time.Sleep(refreshAfter)
		for range 100 { // ten seconds
			if got := known(t, s); got != "first s3cr3t" {
				t.Fatalf("keys %q", got)
			}
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait()
		if got := m.asked.Load(); got != 2 {
			t.Errorf("asked %d times, want 2", got)
		}
		if out := log.String(); !strings.Contains(out, "connection refused") || strings.Contains(out, "s3cr3t") {
			t.Errorf("log: %s", out)
		}
		m.fail(nil)
		m.put("new")
		known(t, s)
		synctest.Wait()
		if got := known(t, s); got != "new,first s3cr3t" {
			t.Errorf("keys %q after Secrets Manager is back", got)
		}
	})
}

// Where nothing runs between requests, overdue keys are replaced by the request itself.
func TestOverdueKeysAreFetchedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := having("first", "")
		s := open(t, m)
		m.put("second")
		m.put("third")
		time.Sleep(OverdueAfter)
		if got := known(t, s); got != "third,second" {
			t.Errorf("keys %q", got)
		}
		m.fail(errUnreachable)
		time.Sleep(OverdueAfter)
		if got := known(t, s); got != "third,second" {
			t.Errorf("unreachable: keys %q", got)
		}
	})
}

func TestConcurrentKeys(t *testing.T) {
	m := having("first", "")
	s := open(t, m)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 20 {
				if i == 0 {
					m.put(fmt.Sprint("key", j))
				}
				if _, _, err := s.Refetch(t.Context()); err != nil {
					t.Error(err)
				}
				if keys, err := s.Keys(t.Context()); err != nil || len(keys) == 0 {
					t.Errorf("%q, %v", keys, err)
				}
			}
		})
	}
	all.Wait()
}

// Each refresh is counted by its outcome, also where the log wants no such lines.
func TestRefreshesAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		m := having("first s3cr3t", "")
		logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
		s, err := New(t.Context(), m, "postern/shell", parse, Options{Logger: logger, Metrics: "Postern/test"})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			put  string
			err  error
			want string
		}{
			{"", nil, "unchanged"}, {"second s3cr3t", nil, "changed"}, {"", errUnreachable, "failed"}, {"bad s3cr3t", nil, "failed"},
		} {
			log.Reset()
			if step.put != "" {
				m.put(step.put)
			}
			m.fail(step.err)
			_, _, _ = s.Refetch(t.Context())
			data := metricstest.Strings(metricstest.Read(t, log.Bytes()))
			if want := []string{"secret_refreshes by outcome=" + step.want + ": 1"}; !slices.Equal(data, want) {
				t.Errorf("%q, want %q", data, want)
			}
			if strings.Contains(log.String(), "s3cr3t") {
				t.Errorf("log: %s", log.String())
			}
			time.Sleep(refetchPause)
		}
	})
}
