package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The authentication table of the internal API, for gitlab-shell and Gitaly.
func TestShellTokenRules(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	hs256 := func(changes jwt.MapClaims) string {
		return sign(t, jwt.SigningMethodHS256, []byte(secret), shell(changes))
	}
	valid := hs256(nil)
	goodClaims := `{"iss":"gitlab-shell","exp":` + "1772366460" + `}`
	rows := []struct {
		name  string
		token string
		ok    bool
	}{
		{"a client's token passes (behavior case 1)", valid, true},
		{"no token is refused (behavior case 2)", "", false},
		{"another issue time, 10 s ahead, passes (behavior case 3)", hs256(jwt.MapClaims{"iat": seconds(10)}), true},
		{"an issue time a day ahead passes: iat is ignored", hs256(jwt.MapClaims{"iat": seconds(86400)}), true},
		{"an issue time that is not a number is rejected", hs256(jwt.MapClaims{"iat": "soon"}), false},
		{"a 60 s token expires 120 s after its issue (behavior case 4)", hs256(jwt.MapClaims{"iat": seconds(-120), "exp": seconds(-60)}), false},
		{"a 60 s token is valid 119 s after its issue", hs256(jwt.MapClaims{"iat": seconds(-119), "exp": seconds(-59)}), true},
		{"long expired is refused", hs256(jwt.MapClaims{"exp": seconds(-3600)}), false},
		{"nbf 60 s ahead passes", hs256(jwt.MapClaims{"nbf": seconds(60)}), true},
		{"nbf 61 s ahead is refused", hs256(jwt.MapClaims{"nbf": seconds(61)}), false},
		{"nbf in the past passes", hs256(jwt.MapClaims{"nbf": seconds(-61)}), true},
		{"issuer gitlab-workhorse is refused (behavior case 5)", hs256(jwt.MapClaims{"iss": "gitlab-workhorse"}), false},
		{"issuer gitlab-kas is refused", hs256(jwt.MapClaims{"iss": "gitlab-kas"}), false},
		{"issuer in other case is refused", hs256(jwt.MapClaims{"iss": "GitLab-Shell"}), false},
		{"issuer with a space is refused", hs256(jwt.MapClaims{"iss": "gitlab-shell "}), false},
		{"no issuer is refused", hs256(jwt.MapClaims{"iss": nil}), false},
		{"no exp is refused", hs256(jwt.MapClaims{"exp": nil}), false},
		{"no iat passes", hs256(jwt.MapClaims{"iat": nil}), true},
		{"exp as a string of digits passes", header(`{"alg":"HS256"}`, `{"iss":"gitlab-shell","exp":"1772366460"}`), true},
		{"exp null is refused", header(`{"alg":"HS256"}`, `{"iss":"gitlab-shell","exp":null}`), false},
		{"the newer claim gl_id is ignored", hs256(jwt.MapClaims{"gl_id": "user-1"}), true},
		{"an audience is ignored", hs256(jwt.MapClaims{"aud": "other"}), true},
		{"another secret is refused (behavior case 6)", sign(t, jwt.SigningMethodHS256, []byte("other"), shell(nil)), false},
		{"an empty secret is refused", sign(t, jwt.SigningMethodHS256, []byte{}, shell(nil)), false},
		{"the hex-decoded secret is refused", sign(t, jwt.SigningMethodHS256, []byte("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef"), shell(nil)), false},
		{"HS512 is refused (behavior case 9)", sign(t, jwt.SigningMethodHS512, []byte(secret), shell(nil)), false},
		{"HS384 is refused", sign(t, jwt.SigningMethodHS384, []byte(secret), shell(nil)), false},
		{"RS256 is refused", sign(t, jwt.SigningMethodRS256, rsaKey, shell(nil)), false},
		{"alg none is refused (behavior case 10)", sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, shell(nil)), false},
		{"alg None with a valid HMAC is refused", header(`{"alg":"None"}`, goodClaims), false},
		{"alg in lower case is refused", header(`{"alg":"hs256"}`, goodClaims), false},
		{"no alg is refused", header(`{"typ":"JWT"}`, goodClaims), false},
		{"a numeric alg is refused", header(`{"alg":256}`, goodClaims), false},
		{"no typ passes", header(`{"alg":"HS256"}`, goodClaims), true},
		{"another typ passes", header(`{"alg":"HS256","typ":"at+jwt"}`, goodClaims), true},
		{"a null header is refused", header(`null`, goodClaims), false},
		{"null claims are refused", header(`{"alg":"HS256"}`, `null`), false},
		{"a list as claims is refused", header(`{"alg":"HS256"}`, `[]`), false},
		{"malformed claims are refused", header(`{"alg":"HS256"}`, `{`), false},
		{"a Bearer prefix is refused", "Bearer " + valid, false},
		{"two parts are refused", valid[:strings.LastIndex(valid, ".")], false},
		{"four parts are refused", valid + ".e30", false},
		{"no signature is refused", valid[:strings.LastIndex(valid, ".")+1], false},
		{"a truncated signature is refused", valid[:len(valid)-4], false},
		{"padding is refused", valid + "=", false},
		{"other text is refused", "letmein", false},
		{"dots are refused", "..", false},
		{"a token below 8 KB passes", hs256(jwt.MapClaims{"x": strings.Repeat("x", 5800)}), true},
		{"a valid token over 8 KB is refused", hs256(jwt.MapClaims{"x": strings.Repeat("x", 6100)}), false},
	}
	verifier := NewShell(of(secret), at)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := verifier.Authenticate(t.Context(), request("Gitlab-Shell-Api-Request", row.token))
			if (err == nil) != row.ok {
				t.Errorf("Authenticate = %v, want ok = %v", err, row.ok)
			}
			if err != nil && publicText(err) != "" {
				t.Errorf("public text %q, want the standard one", publicText(err))
			}
		})
	}
}

func publicText(err error) string {
	var public interface{ PublicText() string }
	if !errors.As(err, &public) {
		return "(none)"
	}
	return public.PublicText()
}

func TestKASTokenRules(t *testing.T) {
	hs256 := func(changes jwt.MapClaims) string { return sign(t, jwt.SigningMethodHS256, kasKey, kas(changes)) }
	rows := []struct {
		name  string
		token string
		ok    bool
	}{
		{"a token of kas passes", hs256(nil), true},
		{"audience as a string passes", hs256(jwt.MapClaims{"aud": "gitlab"}), true},
		{"one of several audiences passes", hs256(jwt.MapClaims{"aud": []string{"other", "gitlab"}}), true},
		{"no audience is refused", hs256(jwt.MapClaims{"aud": nil}), false},
		{"an empty audience is refused", hs256(jwt.MapClaims{"aud": []string{}}), false},
		{"another audience is refused", hs256(jwt.MapClaims{"aud": "gitlab-kas"}), false},
		{"issuer gitlab-shell is refused", hs256(jwt.MapClaims{"iss": "gitlab-shell"}), false},
		{"no issuer is refused", hs256(jwt.MapClaims{"iss": nil}), false},
		{"59 s after exp passes", hs256(jwt.MapClaims{"exp": seconds(-59)}), true},
		{"60 s after exp is refused", hs256(jwt.MapClaims{"exp": seconds(-60)}), false},
		{"nbf 61 s ahead is refused", hs256(jwt.MapClaims{"nbf": seconds(61)}), false},
		{"no exp is refused", hs256(jwt.MapClaims{"exp": nil}), false},
		{"HS512 is refused", sign(t, jwt.SigningMethodHS512, kasKey, kas(nil)), false},
		{"the secret's base64 as the key is refused", sign(t, jwt.SigningMethodHS256, []byte(base64.StdEncoding.EncodeToString(kasKey)), kas(nil)), false},
		{"no token is refused", "", false},
	}
	verifier := NewKAS(&keys{known: [][]byte{kasKey}}, at)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := verifier.Authenticate(t.Context(), request("Gitlab-Kas-Api-Request", row.token))
			if (err == nil) != row.ok {
				t.Errorf("Authenticate = %v, want ok = %v", err, row.ok)
			}
			if err != nil && publicText(err) != "KAS JWT authentication invalid" {
				t.Errorf("public text %q", publicText(err))
			}
		})
	}
}

// A token of one kind never verifies as the other kind, even with the same secret.
func TestTokenVerifiesForItsKindOnly(t *testing.T) {
	both := of(secret)
	shellToken := sign(t, jwt.SigningMethodHS256, []byte(secret), shell(nil))
	kasToken := sign(t, jwt.SigningMethodHS256, []byte(secret), kas(nil))
	rows := []struct {
		name     string
		verifier *JWT
		header   string
		tokens   []string
		ok       bool
	}{
		{"shell's token for shell passes", NewShell(both, at), Shell.Header(), []string{shellToken}, true},
		{"kas's token for kas passes", NewKAS(both, at), KAS.Header(), []string{kasToken}, true},
		{"kas's token for shell is refused", NewShell(both, at), Shell.Header(), []string{kasToken}, false},
		{"shell's token for kas is refused", NewKAS(both, at), KAS.Header(), []string{shellToken}, false},
		{"shell's token in kas's header is refused", NewShell(both, at), KAS.Header(), []string{shellToken}, false},
		{"shell's token in Authorization is refused", NewShell(both, at), "Authorization", []string{"Bearer " + shellToken}, false},
		{"the shared secret itself is refused (behavior case 7)", NewShell(both, at), "Gitlab-Shared-Secret", []string{base64.StdEncoding.EncodeToString([]byte(secret))}, false},
		{"two tokens are refused", NewShell(both, at), Shell.Header(), []string{shellToken, shellToken}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			err := row.verifier.Authenticate(t.Context(), request(row.header, row.tokens...))
			if (err == nil) != row.ok {
				t.Errorf("Authenticate = %v, want ok = %v", err, row.ok)
			}
		})
	}
}

// A rejection in the log has the reason, and no part of the token or key.
func TestRefusalHidesSecrets(t *testing.T) {
	valid := sign(t, jwt.SigningMethodHS256, []byte("other"), shell(nil))
	for _, token := range []string{valid, "x" + valid, valid + "x", valid[:40], header(`{"alg":"HS256"}`, `{"iss":"s3cr3t"}`)} {
		err := NewShell(of(secret), at).Authenticate(t.Context(), request(Shell.Header(), token))
		if err == nil {
			t.Fatal("passed")
		}
		for _, hidden := range []string{secret, token, "s3cr3t"} {
			if strings.Contains(err.Error(), hidden) {
				t.Errorf("%q contains %q", err, hidden)
			}
		}
	}
}

func FuzzAuthenticate(f *testing.F) {
	f.Add(header(`{"alg":"HS256"}`, `{"iss":"gitlab-shell","exp":1e300}`))
	f.Add(header(`{"alg":"HS256"}`, `{"iss":"gitlab-shell","exp":-1}`))
	f.Add(header(`{"alg":"none"}`, `{"iss":"gitlab-shell","exp":1772366460}`))
	f.Add("..")
	f.Add("eyJhbGciOiJIUzI1NiJ9.bnVsbA.")
	source := of("a key that signed none of these")
	verifier := NewShell(source, at)
	f.Fuzz(func(t *testing.T, token string) {
		if verifier.Authenticate(t.Context(), request(Shell.Header(), token)) == nil {
			t.Errorf("%q passed", token)
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	token, err := Sign(Shell, []byte(secret), now, time.Minute)
	if err != nil {
		b.Fatal(err)
	}
	verifier, r := NewShell(of(secret, "previous"), at), request(Shell.Header(), token)
	b.ReportAllocs()
	for b.Loop() {
		if err := verifier.Authenticate(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}
