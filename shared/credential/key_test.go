package credential_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/shared/credential"
	"postern/shared/gitlab"
)

// keys is a source that says what it is told to.
type keys struct {
	known [][]byte
	newer [][]byte // what a refetch finds, nil for nothing
	err   error
}

func (k *keys) Keys(context.Context) ([][]byte, error) { return k.known, nil }

func (k *keys) Refetch(context.Context) ([][]byte, bool, error) {
	if k.newer != nil {
		k.known = k.newer
	}
	return k.known, k.newer != nil, k.err
}

func of(secrets ...string) *keys {
	k := &keys{}
	for _, s := range secrets {
		k.known = append(k.known, []byte(s))
	}
	return k
}

var now = time.Unix(1_700_000_000, 0)

func clock() time.Time { return now }

func TestKey(t *testing.T) {
	long := strings.Repeat("k", 32)
	rows := []struct{ name, text, want string }{
		{"white space around it is none of it", " " + long + "\n", long},
		{"one that is too short", long[1:], ""},
		{"nothing", "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := credential.Key(row.text)
			if string(got) != row.want || (err == nil) != (row.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, row.want)
			}
			if err != nil && row.text != "" && strings.Contains(err.Error(), row.text) {
				t.Error("the error quotes the secret")
			}
		})
	}
}

// A repeat is given the same as long as the key is there, whatever was rotated; nobody else is.
func TestWhatWasMadeIsMadeAgain(t *testing.T) {
	ctx := t.Context()
	codes, seal, err := credential.NewMint(of("old"), rand.Reader).Codes(ctx, "request")
	if err != nil || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 {
		t.Fatalf("%v, %v", codes, err)
	}
	later := of("new")
	later.newer = [][]byte{[]byte("newest"), []byte("old")}
	rows := []struct {
		name    string
		source  *keys
		request string
		want    bool
	}{
		{"by the current key", of("old"), "request", true},
		{"by the previous key", of("new", "old"), "request", true},
		{"by a key that has to be fetched", later, "request", true},
		{"for another request", of("old"), "another", false},
		{"by another key", of("new", "newer"), "request", false},
		{"while no key can be fetched", &keys{known: [][]byte{[]byte("new")}, err: errors.New("unreachable")}, "request", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			again, err := credential.NewMint(row.source, rand.Reader).CodesAgain(ctx, row.request, seal)
			if (err == nil) != row.want || row.want && !slices.Equal(again, codes) {
				t.Errorf("%v, %v", again, err)
			}
		})
	}
	other, _, err := credential.NewMint(of("old"), rand.Reader).Codes(ctx, "request")
	if err != nil || slices.Equal(other, codes) {
		t.Errorf("made anew, the codes are the same: %v", err)
	}
}

func TestToken(t *testing.T) {
	mint := credential.NewMint(of("key"), rand.Reader)
	token, seal, err := mint.Token(t.Context(), "request", "glpat-")
	if err != nil || !regexp.MustCompile(`^glpat-[\w-]{20}$`).MatchString(token) {
		t.Fatalf("%q, %v", token, err)
	}
	if again, err := mint.TokenAgain(t.Context(), "request", "glpat-", seal); err != nil || again != token {
		t.Errorf("again %q, %v", again, err)
	}
	if strings.Contains(seal.Salt+seal.Proof, token[6:]) {
		t.Error("the seal tells the token")
	}
}

func TestWithoutRandomnessNothingIsMade(t *testing.T) {
	none := strings.NewReader("short")
	if made, _, err := credential.NewMint(of("key"), none).Codes(t.Context(), "request"); err == nil {
		t.Errorf("made %v", made)
	}
	dan := gitlab.Actor{User: &gitlab.User{ID: 13, Username: "dan", State: gitlab.UserActive}}
	if token, err := credential.NewLFS(of("key"), clock, strings.NewReader("")).Sign(t.Context(), dan, time.Hour); err == nil {
		t.Errorf("signed %q", token)
	}
}

// The values of RFC 6238, appendix B, for SHA-1; of their eight digits the last six.
func TestOneTimeStep(t *testing.T) {
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890"
	rows := []struct {
		name, secret, code string
		at, step           int64
		ok                 bool
	}{
		{"RFC 6238, first", secret, "287082", 59, 1, true},
		{"RFC 6238, second", secret, "081804", 1111111109, 37037036, true},
		{"RFC 6238, third", secret, "050471", 1111111111, 37037037, true},
		{"RFC 6238, fourth", secret, "005924", 1234567890, 41152263, true},
		{"RFC 6238, fifth", secret, "279037", 2000000000, 66666666, true},
		{"one step late", secret, "287082", 89, 1, true},
		{"two steps late", secret, "287082", 90, 0, false},
		{"one step early", secret, "287082", 29, 1, true},
		{"with spaces around it", secret, " 287082\n", 59, 1, true},
		{"a secret in groups and small letters", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq====", "287082", 59, 1, true},
		{"five digits", secret, "28708", 59, 0, false},
		{"nothing", secret, "", 59, 0, false},
		{"a secret that is none", "1!", "287082", 59, 0, false},
		{"no secret", "", "287082", 59, 0, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			step, ok := credential.OneTimeStep(row.secret, row.code, time.Unix(row.at, 0))
			if step != row.step || ok != row.ok {
				t.Errorf("step %d, %v; want %d, %v", step, ok, row.step, row.ok)
			}
		})
	}
}

func user(state gitlab.UserState) *gitlab.User {
	return &gitlab.User{ID: 13, Username: "dan", State: state}
}

func key(fingerprint string) *gitlab.Key {
	return &gitlab.Key{ID: 102, Type: gitlab.PersonalKey, Fingerprint: fingerprint}
}

func deployKey(fingerprint string) *gitlab.Key {
	return &gitlab.Key{ID: 201, Type: gitlab.DeployKey, Fingerprint: fingerprint}
}

func TestLFSTokenHasTheDocumentsShape(t *testing.T) {
	token, err := credential.NewLFS(of("key"), clock, rand.Reader).Sign(t.Context(), gitlab.Actor{User: user(gitlab.UserActive)}, 30*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	if parts[0] != "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" { // that of the internal API's documentation
		t.Errorf("header %s", parts[0])
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	data, _ := claims["data"].(map[string]any)
	if len(claims) != 5 || len(data) != 1 || data["actor"] != "dan" ||
		claims["iat"] != 1.7e9 || claims["nbf"] != 1.7e9-5 || claims["exp"] != 1.7e9+1800 {
		t.Errorf("claims %s", raw)
	}
	if id, _ := claims["jti"].(string); !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("jti %v", claims["jti"])
	}
}

func TestLFSTokens(t *testing.T) {
	active := user(gitlab.UserActive)
	expired := key("fp")
	past := now.Add(-time.Second)
	expired.ExpiresAt = &past
	renamed := user(gitlab.UserActive)
	renamed.Username = "daniel"
	rows := []struct {
		name   string
		signed gitlab.Actor
		after  time.Duration
		keys   *keys
		now    []gitlab.Actor // as they are when the token is verified
		ok     bool
	}{
		{"of a user", gitlab.Actor{User: active}, 0, of("key"), []gitlab.Actor{{User: active}}, true},
		{"of a key, among the user's others", gitlab.Actor{Key: key("fp"), User: active}, 0, of("key"), []gitlab.Actor{{User: active}, {Key: key("other"), User: active}, {Key: key("fp"), User: active}}, true},
		{"of a deploy key", gitlab.Actor{Key: deployKey("fp")}, 0, of("key"), []gitlab.Actor{{Key: deployKey("fp")}}, true},
		{"of a deploy key whose creator is blocked", gitlab.Actor{Key: deployKey("fp"), User: active}, 0, of("key"), []gitlab.Actor{{Key: deployKey("fp"), User: user(gitlab.UserBlocked)}}, true},
		{"signed before a rotation", gitlab.Actor{User: active}, 0, of("new", "key"), []gitlab.Actor{{User: active}}, true},
		{"just before its end", gitlab.Actor{User: active}, 59 * time.Second, of("key"), []gitlab.Actor{{User: active}}, true},
		{"at its end", gitlab.Actor{User: active}, time.Minute, of("key"), []gitlab.Actor{{User: active}}, false},
		{"before its time", gitlab.Actor{User: active}, -6 * time.Second, of("key"), []gitlab.Actor{{User: active}}, false},
		{"of a key that is removed", gitlab.Actor{Key: key("fp"), User: active}, 0, of("key"), []gitlab.Actor{{User: active}}, false},
		{"of a key that is another one now", gitlab.Actor{Key: key("fp"), User: active}, 0, of("key"), []gitlab.Actor{{Key: key("other"), User: active}}, false},
		{"of a key that has expired", gitlab.Actor{Key: key("fp"), User: active}, 0, of("key"), []gitlab.Actor{{Key: expired, User: active}}, false},
		{"of a user who is blocked", gitlab.Actor{User: active}, 0, of("key"), []gitlab.Actor{{User: user(gitlab.UserBlocked)}}, false},
		{"made while the user was blocked", gitlab.Actor{User: user(gitlab.UserBlocked)}, 0, of("key"), []gitlab.Actor{{User: active}}, false},
		{"of a deploy key that is another one now", gitlab.Actor{Key: deployKey("fp")}, 0, of("key"), []gitlab.Actor{{Key: deployKey("other")}}, false},
		{"of a name that is another one's now", gitlab.Actor{User: active}, 0, of("key"), []gitlab.Actor{{User: renamed}}, false},
		{"for nobody", gitlab.Actor{User: active}, 0, of("key"), nil, false},
		{"by another key", gitlab.Actor{User: active}, 0, of("new", "newer"), []gitlab.Actor{{User: active}}, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			token, err := credential.NewLFS(of("key"), clock, rand.Reader).Sign(t.Context(), row.signed, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			later := func() time.Time { return now.Add(row.after) }
			_, err = credential.NewLFS(row.keys, later, rand.Reader).Verify(t.Context(), token, row.now)
			if row.ok && err != nil || !row.ok && !errors.Is(err, credential.ErrInvalidLFSToken) {
				t.Errorf("got %v, want valid: %v", err, row.ok)
			}
		})
	}
}

func TestLFSLogins(t *testing.T) {
	rows := []struct {
		name  string
		actor gitlab.Actor
		login string
		ref   gitlab.ActorRef
	}{
		{"a user", gitlab.Actor{User: user(gitlab.UserActive)}, "dan", gitlab.ActorRef{Kind: gitlab.ByUsername, Login: "dan"}},
		{"a deploy key", gitlab.Actor{Key: deployKey("fp")}, "lfs+deploy-key-201", gitlab.ActorRef{Kind: gitlab.ByKey, ID: 201}},
		{"nobody", gitlab.Actor{Key: key("fp")}, "", gitlab.ActorRef{Kind: gitlab.ByUsername}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := credential.LFSLogin(row.actor); got != row.login {
				t.Errorf("login %q, want %q", got, row.login)
			}
			if got := credential.ParseLFSLogin(row.login); got != row.ref {
				t.Errorf("read as %+v, want %+v", got, row.ref)
			}
		})
	}
	if _, err := credential.NewLFS(of("key"), clock, rand.Reader).Sign(t.Context(), gitlab.Actor{}, time.Minute); err == nil {
		t.Error("a token for nobody")
	}
}
