package credential_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"postern/shared/credential"
	"postern/shared/gitlab"
)

func user(state gitlab.UserState) *gitlab.User {
	return &gitlab.User{ID: 13, Username: "dan", State: state}
}

func key(fingerprint string) *gitlab.Key {
	return &gitlab.Key{ID: 102, Type: gitlab.PersonalKey, Fingerprint: fingerprint}
}

func deployKey(fingerprint string) *gitlab.Key {
	return &gitlab.Key{ID: 201, Type: gitlab.DeployKey, Fingerprint: fingerprint}
}

func TestLFSTokenMatchesDocumentation(t *testing.T) {
	token, err := credential.NewLFS(of("key"), clock, rand.Reader).Sign(t.Context(), gitlab.Actor{User: user(gitlab.UserActive)}, 30*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	if parts[0] != "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" { // as in the internal API's documentation
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

func TestLFSVerifyChecksActor(t *testing.T) {
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
		now    []gitlab.Actor // at verification
		ok     bool
	}{
		{"of a user", gitlab.Actor{User: active}, 0, of("key"), []gitlab.Actor{{User: active}}, true},
		{"of a key, among the user's others", gitlab.Actor{Key: key("fp"), User: active}, 0, of("key"), []gitlab.Actor{{User: active}, {Key: key("other"), User: active}, {Key: key("fp"), User: active}}, true},
		{"of a deploy key", gitlab.Actor{Key: deployKey("fp")}, 0, of("key"), []gitlab.Actor{{Key: deployKey("fp")}}, true},
		{"of a deploy key whose creator is blocked", gitlab.Actor{Key: deployKey("fp"), User: active}, 0, of("key"), []gitlab.Actor{{Key: deployKey("fp"), User: user(gitlab.UserBlocked)}}, true},
		{"signed before a rotation", gitlab.Actor{User: active}, 0, of("new", "key"), []gitlab.Actor{{User: active}}, true},
		{"just before its expiry", gitlab.Actor{User: active}, 59 * time.Second, of("key"), []gitlab.Actor{{User: active}}, true},
		{"at its expiry", gitlab.Actor{User: active}, time.Minute, of("key"), []gitlab.Actor{{User: active}}, false},
		{"before its validity", gitlab.Actor{User: active}, -6 * time.Second, of("key"), []gitlab.Actor{{User: active}}, false},
		{"of a key that is removed", gitlab.Actor{Key: key("fp"), User: active}, 0, of("key"), []gitlab.Actor{{User: active}}, false},
		{"of a replaced key", gitlab.Actor{Key: key("fp"), User: active}, 0, of("key"), []gitlab.Actor{{Key: key("other"), User: active}}, false},
		{"of an expired key", gitlab.Actor{Key: key("fp"), User: active}, 0, of("key"), []gitlab.Actor{{Key: expired, User: active}}, false},
		{"of a blocked user", gitlab.Actor{User: active}, 0, of("key"), []gitlab.Actor{{User: user(gitlab.UserBlocked)}}, false},
		{"made while the user was blocked", gitlab.Actor{User: user(gitlab.UserBlocked)}, 0, of("key"), []gitlab.Actor{{User: active}}, false},
		{"of a replaced deploy key", gitlab.Actor{Key: deployKey("fp")}, 0, of("key"), []gitlab.Actor{{Key: deployKey("other")}}, false},
		{"of a renamed user", gitlab.Actor{User: active}, 0, of("key"), []gitlab.Actor{{User: renamed}}, false},
		{"without actors", gitlab.Actor{User: active}, 0, of("key"), nil, false},
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

func TestLFSLoginRoundTrip(t *testing.T) {
	rows := []struct {
		name  string
		actor gitlab.Actor
		login string
		ref   gitlab.ActorRef
	}{
		{"a user", gitlab.Actor{User: user(gitlab.UserActive)}, "dan", gitlab.ActorRef{Kind: gitlab.ByUsername, Login: "dan"}},
		{"a deploy key", gitlab.Actor{Key: deployKey("fp")}, "lfs+deploy-key-201", gitlab.ActorRef{Kind: gitlab.ByKey, ID: 201}},
		{"anonymous", gitlab.Actor{Key: key("fp")}, "", gitlab.ActorRef{Kind: gitlab.ByUsername}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := credential.LFSLogin(row.actor); got != row.login {
				t.Errorf("login %q, want %q", got, row.login)
			}
			if got := credential.ParseLFSLogin(row.login); got != row.ref {
				t.Errorf("parsed as %+v, want %+v", got, row.ref)
			}
		})
	}
	if _, err := credential.NewLFS(of("key"), clock, rand.Reader).Sign(t.Context(), gitlab.Actor{}, time.Minute); err == nil {
		t.Error("Sign accepts an anonymous actor")
	}
}
