package auth

import (
	"context"
	"errors"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestAuthenticateDuringRotation(t *testing.T) {
	token := sign(t, jwt.SigningMethodHS256, []byte(secret), shell(nil))
	expired := sign(t, jwt.SigningMethodHS256, []byte(secret), shell(jwt.MapClaims{"exp": seconds(-90)}))
	rows := []struct {
		name    string
		source  *keys
		token   string
		ok      bool
		fetches int
	}{
		{"the current key verifies without a fetch", of(secret, string(oldKey)), token, true, 0},
		{"the previous key verifies without a fetch", of("the next one", secret), token, true, 0},
		{"a new key is found by one fetch", &keys{known: [][]byte{oldKey}, newer: [][]byte{[]byte(secret), oldKey}, changed: true}, token, true, 1},
		{"a key from the fetch of another request is used", &keys{known: [][]byte{oldKey}, newer: [][]byte{[]byte(secret)}}, token, true, 1},
		{"without a newer key the token is refused after one fetch", of(string(oldKey)), token, false, 1},
		{"an unrelated newer key refuses", &keys{known: [][]byte{oldKey}, newer: [][]byte{kasKey}, changed: true}, token, false, 1},
		{"a signed but expired token causes no fetch", of(secret), expired, false, 0},
		{"an expired token of a new key is still expired", &keys{known: [][]byte{oldKey}, newer: [][]byte{[]byte(secret)}, changed: true}, expired, false, 1},
		{"a wrong algorithm causes no fetch", of(string(oldKey)), sign(t, jwt.SigningMethodHS512, []byte(secret), shell(nil)), false, 0},
		{"a malformed token causes no fetch", of(string(oldKey)), "a.b.c", false, 0},
		{"without keys every token is refused", of(), token, false, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := NewShell(row.source, at).Authenticate(t.Context(), request(Shell.Header(), row.token))
			if (err == nil) != row.ok {
				t.Errorf("Authenticate = %v, want ok = %v", err, row.ok)
			}
			if row.source.fetches != row.fetches {
				t.Errorf("%d fetches, want %d", row.source.fetches, row.fetches)
			}
		})
	}
}

// Without keys every request is rejected with the source's error.
func TestAuthenticateReturnsSourceError(t *testing.T) {
	token := sign(t, jwt.SigningMethodHS256, []byte(secret), shell(nil))
	for name, source := range map[string]KeySource{
		"keys unavailable":       &keys{err: errAway},
		"newer keys unavailable": failingRefetch{&keys{known: [][]byte{oldKey}}},
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
