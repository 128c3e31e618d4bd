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

// Every row of the table of the internal API's authentication, for gitlab-shell and Gitaly.
func TestShellTokens(t *testing.T) {
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
		{"what clients send passes (behaviour case 1)", valid, true},
		{"no token is refused (behaviour case 2)", "", false},
		{"another issue time, 10 s ahead, passes (behaviour case 3)", hs256(jwt.MapClaims{"iat": seconds(10)}), true},
		{"an issue time a day ahead passes: iat is never judged", hs256(jwt.MapClaims{"iat": seconds(86400)}), true},
		{"an issue time that is no number is malformed", hs256(jwt.MapClaims{"iat": "soon"}), false},
		{"a 60 s token dies 120 s after its issue (behaviour case 4)", hs256(jwt.MapClaims{"iat": seconds(-120), "exp": seconds(-60)}), false},
		{"a 60 s token lives 119 s after its issue", hs256(jwt.MapClaims{"iat": seconds(-119), "exp": seconds(-59)}), true},
		{"long expired is refused", hs256(jwt.MapClaims{"exp": seconds(-3600)}), false},
		{"nbf 60 s ahead passes", hs256(jwt.MapClaims{"nbf": seconds(60)}), true},
		{"nbf 61 s ahead is refused", hs256(jwt.MapClaims{"nbf": seconds(61)}), false},
		{"nbf in the past passes", hs256(jwt.MapClaims{"nbf": seconds(-61)}), true},
		{"issuer gitlab-workhorse is refused (behaviour case 5)", hs256(jwt.MapClaims{"iss": "gitlab-workhorse"}), false},
		{"issuer gitlab-kas is refused", hs256(jwt.MapClaims{"iss": "gitlab-kas"}), false},
		{"issuer in other letters is refused", hs256(jwt.MapClaims{"iss": "GitLab-Shell"}), false},
		{"issuer with a space is refused", hs256(jwt.MapClaims{"iss": "gitlab-shell "}), false},
		{"no issuer is refused", hs256(jwt.MapClaims{"iss": nil}), false},
		{"no exp is refused", hs256(jwt.MapClaims{"exp": nil}), false},
		{"no iat passes", hs256(jwt.MapClaims{"iat": nil}), true},
		{"exp as a text of digits passes", header(`{"alg":"HS256"}`, `{"iss":"gitlab-shell","exp":"1772366460"}`), true},
		{"exp null is refused", header(`{"alg":"HS256"}`, `{"iss":"gitlab-shell","exp":null}`), false},
		{"the newer claim gl_id is ignored", hs256(jwt.MapClaims{"gl_id": "user-1"}), true},
		{"an audience is ignored", hs256(jwt.MapClaims{"aud": "somebody"}), true},
		{"another secret is refused (behaviour case 6)", sign(t, jwt.SigningMethodHS256, []byte("other"), shell(nil)), false},
		{"an empty secret is refused", sign(t, jwt.SigningMethodHS256, []byte{}, shell(nil)), false},
		{"the hex-decoded secret is refused", sign(t, jwt.SigningMethodHS256, []byte("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef"), shell(nil)), false},
		{"HS512 is refused (behaviour case 9)", sign(t, jwt.SigningMethodHS512, []byte(secret), shell(nil)), false},
		{"HS384 is refused", sign(t, jwt.SigningMethodHS384, []byte(secret), shell(nil)), false},
		{"RS256 is refused", sign(t, jwt.SigningMethodRS256, rsaKey, shell(nil)), false},
		{"alg none is refused (behaviour case 10)", sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, shell(nil)), false},
		{"alg None with a good HMAC is refused", header(`{"alg":"None"}`, goodClaims), false},
		{"alg in small letters is refused", header(`{"alg":"hs256"}`, goodClaims), false},
		{"no alg is refused", header(`{"typ":"JWT"}`, goodClaims), false},
		{"alg that is a number is refused", header(`{"alg":256}`, goodClaims), false},
		{"no typ passes", header(`{"alg":"HS256"}`, goodClaims), true},
		{"another typ passes", header(`{"alg":"HS256","typ":"at+jwt"}`, goodClaims), true},
		{"a header that is null is refused", header(`null`, goodClaims), false},
		{"claims that are null are refused", header(`{"alg":"HS256"}`, `null`), false},
		{"claims that are a list are refused", header(`{"alg":"HS256"}`, `[]`), false},
		{"claims that are no JSON are refused", header(`{"alg":"HS256"}`, `{`), false},
		{"Bearer before it is refused", "Bearer " + valid, false},
		{"two parts are refused", valid[:strings.LastIndex(valid, ".")], false},
		{"four parts are refused", valid + ".e30", false},
		{"no signature is refused", valid[:strings.LastIndex(valid, ".")+1], false},
		{"a cut signature is refused", valid[:len(valid)-4], false},
		{"padding is refused", valid + "=", false},
		{"a text that is no token is refused", "letmein", false},
		{"dots are refused", "..", false},
		{"8 KB of token are looked at", hs256(jwt.MapClaims{"x": strings.Repeat("x", 5800)}), true},
		{"over 8 KB are refused, however good", hs256(jwt.MapClaims{"x": strings.Repeat("x", 6100)}), false},
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

func TestKASTokens(t *testing.T) {
	hs256 := func(changes jwt.MapClaims) string { return sign(t, jwt.SigningMethodHS256, kasKey, kas(changes)) }
	rows := []struct {
		name  string
		token string
		ok    bool
	}{
		{"what kas sends passes", hs256(nil), true},
		{"audience as a text passes", hs256(jwt.MapClaims{"aud": "gitlab"}), true},
		{"gitlab among several audiences passes", hs256(jwt.MapClaims{"aud": []string{"other", "gitlab"}}), true},
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

// One caller's token never opens the other's door, not even when both have the same secret.
func TestDoors(t *testing.T) {
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
		{"shell's at shell's door passes", NewShell(both, at), Shell.Header(), []string{shellToken}, true},
		{"kas's at kas's door passes", NewKAS(both, at), KAS.Header(), []string{kasToken}, true},
		{"kas's at shell's door is refused", NewShell(both, at), Shell.Header(), []string{kasToken}, false},
		{"shell's at kas's door is refused", NewKAS(both, at), KAS.Header(), []string{shellToken}, false},
		{"shell's in kas's header is refused", NewShell(both, at), KAS.Header(), []string{shellToken}, false},
		{"shell's in Authorization is refused", NewShell(both, at), "Authorization", []string{"Bearer " + shellToken}, false},
		{"the shared secret itself is refused (behaviour case 7)", NewShell(both, at), "Gitlab-Shared-Secret", []string{base64.StdEncoding.EncodeToString([]byte(secret))}, false},
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

// What the log gets to see of a refusal says why, and nothing of the token or the key.
func TestRefusalsKeepSecrets(t *testing.T) {
	valid := sign(t, jwt.SigningMethodHS256, []byte("other"), shell(nil))
	for _, token := range []string{valid, "x" + valid, valid + "x", valid[:40], header(`{"alg":"HS256"}`, `{"iss":"s3cr3t"}`)} {
		err := NewShell(of(secret), at).Authenticate(t.Context(), request(Shell.Header(), token))
		if err == nil {
			t.Fatal("passed")
		}
		for _, hidden := range []string{secret, token, "s3cr3t"} {
			if strings.Contains(err.Error(), hidden) {
				t.Errorf("%q tells %q", err, hidden)
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
