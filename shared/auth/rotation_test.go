package auth

import (
	"context"
	"errors"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestRotation(t *testing.T) {
	token := sign(t, jwt.SigningMethodHS256, []byte(secret), shell(nil))
	expired := sign(t, jwt.SigningMethodHS256, []byte(secret), shell(jwt.MapClaims{"exp": seconds(-90)}))
	rows := []struct {
		name   string
		source *keys
		token  string
		ok     bool
		asked  int
	}{
		{"the current key verifies without asking", of(secret, string(oldKey)), token, true, 0},
		{"the previous key verifies without asking", of("the next one", secret), token, true, 0},
		{"a new key is found by asking once", &keys{known: [][]byte{oldKey}, newer: [][]byte{[]byte(secret), oldKey}, changed: true}, token, true, 1},
		{"a key that another request has found is used", &keys{known: [][]byte{oldKey}, newer: [][]byte{[]byte(secret)}}, token, true, 1},
		{"no newer key refuses after asking once", of(string(oldKey)), token, false, 1},
		{"a newer key that does not explain it refuses", &keys{known: [][]byte{oldKey}, newer: [][]byte{kasKey}, changed: true}, token, false, 1},
		{"a signed but expired token asks for nothing", of(secret), expired, false, 0},
		{"an expired token of a new key is still expired", &keys{known: [][]byte{oldKey}, newer: [][]byte{[]byte(secret)}, changed: true}, expired, false, 1},
		{"a wrong algorithm asks for nothing", of(string(oldKey)), sign(t, jwt.SigningMethodHS512, []byte(secret), shell(nil)), false, 0},
		{"nonsense asks for nothing", of(string(oldKey)), "a.b.c", false, 0},
		{"no key at all refuses", of(), token, false, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := NewShell(row.source, at).Authenticate(t.Context(), request(Shell.Header(), row.token))
			if (err == nil) != row.ok {
				t.Errorf("Authenticate = %v, want ok = %v", err, row.ok)
			}
			if row.source.asked != row.asked {
				t.Errorf("asked %d times, want %d", row.source.asked, row.asked)
			}
		})
	}
}

// Without keys nobody is let in, and the log learns why there are none.
func TestSourceFails(t *testing.T) {
	token := sign(t, jwt.SigningMethodHS256, []byte(secret), shell(nil))
	for name, source := range map[string]KeySource{
		"keys cannot be had":       &keys{err: errAway},
		"newer keys cannot be had": failingRefetch{&keys{known: [][]byte{oldKey}}},
	} {
		t.Run(name, func(t *testing.T) {
			err := NewShell(source, at).Authenticate(t.Context(), request(Shell.Header(), token))
			if !errors.Is(err, errAway) {
				t.Errorf("Authenticate = %v, want the source's error", err)
			}
		})
	}
}

type failingRefetch struct{ *keys }

func (failingRefetch) Refetch(context.Context) ([][]byte, bool, error) { return nil, false, errAway }
