package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const secret = "0123456789abcdef0123456789abcdef"

var (
	now     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	kasKey  = []byte("abcdefghijklmnopqrstuvwxyz012345")
	oldKey  = []byte("the secret before")
	errAway = errors.New("secrets manager: unreachable")
)

// keys is a fake KeySource.
type keys struct {
	known   [][]byte
	newer   [][]byte // result of a refetch, nil for no change
	err     error
	fetches int
	changed bool
}

func (k *keys) Keys(context.Context) ([][]byte, error) { return k.known, k.err }

func (k *keys) Refetch(context.Context) ([][]byte, bool, error) {
	k.fetches++
	if k.newer != nil {
		k.known = k.newer
	}
	return k.known, k.changed, k.err
}

func of(secrets ...string) *keys {
	k := &keys{}
	for _, s := range secrets {
		k.known = append(k.known, []byte(s))
	}
	return k
}

func at() time.Time { return now }

func sign(t testing.TB, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// shell returns the claims of gitlab-shell with changes. A nil value removes a claim.
func shell(changes jwt.MapClaims) jwt.MapClaims {
	claims := jwt.MapClaims{"iss": "gitlab-shell", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}
	return change(claims, changes)
}

func kas(changes jwt.MapClaims) jwt.MapClaims {
	claims := jwt.MapClaims{
		"iss": "gitlab-kas", "aud": []string{"gitlab"}, "iat": now.Unix(),
		"nbf": now.Add(-5 * time.Second).Unix(), "exp": now.Add(30 * time.Second).Unix(),
	}
	return change(claims, changes)
}

func change(claims, changes jwt.MapClaims) jwt.MapClaims {
	for name, value := range changes {
		if value == nil {
			delete(claims, name)
			continue
		}
		claims[name] = value
	}
	return claims
}

// header builds a token from raw header and claims and signs it with the secret.
func header(head, claims string) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func request(name string, tokens ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/api/v4/internal/check", nil)
	r.Header[name] = tokens
	return r
}

func seconds(n int) int64 { return now.Add(time.Duration(n) * time.Second).Unix() }
