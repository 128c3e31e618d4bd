package client_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"postern/local/client"
	"postern/shared/auth"
)

func TestTokenHasTheOwnersForm(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	raw := strings.Repeat("k", 32)
	cases := []struct {
		name, secret string
		kind         auth.Kind
		key          string
		issuer       string
	}{
		{"gitlab-shell signs with the text", "0123456789abcdef\n", auth.Shell, "0123456789abcdef", "gitlab-shell"},
		{"kas signs with the decoded bytes", base64.StdEncoding.EncodeToString([]byte(raw)), auth.KAS, raw, "gitlab-kas"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(file, []byte(c.secret), 0o600); err != nil {
				t.Fatal(err)
			}
			token, err := client.Token(c.kind, file, now, 90*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			var claims jwt.RegisteredClaims
			_, err = jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return []byte(c.key), nil },
				jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer(c.issuer), jwt.WithTimeFunc(func() time.Time { return now }))
			if err != nil {
				t.Fatalf("the token does not verify: %v", err)
			}
			if got := claims.ExpiresAt.Sub(now); got != 90*time.Second {
				t.Errorf("the lifetime is %v, want 90 s", got)
			}
		})
	}
}

func TestTokenNeedsASecret(t *testing.T) {
	if _, err := client.Token(auth.Shell, filepath.Join(t.TempDir(), "none"), time.Now(), time.Minute); err == nil {
		t.Error("a token without a secret")
	}
}

func TestParseTTL(t *testing.T) {
	cases := []struct {
		name, text string
		want       time.Duration // 0: rejected
	}{
		{"the default is a minute", "", time.Minute},
		{"seconds", "90", 90 * time.Second},
		{"a day", "86400", 24 * time.Hour},
		{"zero is rejected", "0", 0},
		{"negative is rejected", "-5", 0},
		{"a unit is rejected", "5m", 0},
		{"an overflow is rejected", "99999999999", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := client.ParseTTL(c.text)
			if got != c.want || (err == nil) != (c.want > 0) {
				t.Errorf("ParseTTL(%q) = %v, %v; want %v", c.text, got, err, c.want)
			}
		})
	}
}

func FuzzParseTTL(f *testing.F) {
	for _, seed := range []string{"", "60", "0", "-1", "1e3", "0x10", "１"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := client.ParseTTL(text)
		if err == nil && got < time.Second {
			t.Errorf("ParseTTL(%q) = %v without an error", text, got)
		}
	})
}
