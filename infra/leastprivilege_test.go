package infra_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"postern/functions/credentials"
	"postern/functions/errortracking"
	"postern/functions/gitaccess"
	"postern/functions/instance"
	"postern/functions/lfs"
	"postern/functions/sshkeys"
	"postern/shared/apitest"
	"postern/shared/auth"
	"postern/shared/credential"
	"postern/shared/httpapi"
	"postern/shared/store"
	"postern/shared/storetest"
)

// given is what the fixture does not have, so that every read and write has a reason: licensed features, an authority
// for certificates, and a deploy key without a creator.
func given(t *testing.T) []byte {
	t.Helper()
	public, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		t.Fatal(err)
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
	raw, err := json.Marshal(map[string]any{
		"instance":   map[string]any{"edition": "ee", "two_factor_for_cli": true, "gitlab_shell_operation_limit": 3},
		"users":      []any{map[string]any{"id": 12, "two_factor_enabled": true, "otp_secret": otpSecret}, map[string]any{"id": 13, "enterprise_group_id": 20}},
		"namespaces": []any{map[string]any{"id": 20, "saml_sso_url": "https://idp.example.com/sso"}},
		"deploy_keys": []any{map[string]any{
			"id": 204, "creator_id": nil, "title": "orphan", "key": line, "projects": []any{map[string]any{"project_id": 7}},
		}},
		"ssh_certificates": []any{map[string]any{"namespace_id": 20, "fingerprint": authority, "title": "authority"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

const otpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

const authority = "i9UpZKPQ83PBpZ9HVZWh5qZHD+HqEoijMcXqbqmNq8g"

func query(route string, pairs ...string) *http.Request {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return httptest.NewRequest(http.MethodGet, "/api/v4/internal/"+route+"?"+v.Encode(), http.NoBody)
}

func allowed(pairs ...string) *http.Request {
	v := url.Values{"changes": {"_any"}, "protocol": {"ssh"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return post("application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
}

const (
	fetch = "git-upload-pack"
	push  = "git-receive-pack"
)

func pushes() []*http.Request {
	all := []*http.Request{
		allowed("key_id", "102", "action", fetch, "project", "acme/app.git"),
		allowed("key_id", "102", "action", push, "project", "acme/app.git"),
		allowed("key_id", "101", "action", fetch, "project", "acme/app.git"),
		allowed("key_id", "204", "action", fetch, "project", "acme/app.git"),
		allowed("key_id", "201", "action", push, "project", "acme/app.git"),
		allowed("username", "dan", "action", fetch, "project", "acme/oldname"),
		allowed("key_id", "105", "action", fetch, "project", "acme/pub"),
		allowed("user_id", "13", "action", fetch, "gl_repository", "project-7"),
		allowed("key_id", "102", "action", fetch, "project", "acme/app.wiki.git"),
		allowed("key_id", "102", "action", fetch, "project", "snippets/31.git"),
		allowed("key_id", "102", "action", fetch, "project", "acme/app/snippets/32.git"),
		allowed("key_id", "102", "action", push, "project", "dan/fresh.git"),
		allowed("key_id", "102", "action", push, "project", "dan/fresh.git"),
		allowed("key_id", "102", "action", fetch, "project", "acme/nothing"),
		allowed("key_id", "102", "action", fetch, "project", "nobody/nothing"),
		allowed("action", fetch, "project", "acme/pub"),
	}
	for range 4 {
		all = append(all, allowed("key_id", "103", "action", fetch, "project", "acme/pub"))
	}
	return all
}

func lookups() []*http.Request {
	const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIEOUoqVhRHhocfH9qs9uJC3Et83kX9jy0YvYlCdp6Yp5"
	return []*http.Request{
		query("authorized_keys", "key", blob),
		query("authorized_keys", "key", blob),
		query("authorized_keys", "key", "nothing"),
		query("authorized_certs", "key", authority, "user_identifier", "dan"),
		query("authorized_certs", "key", authority, "user_identifier", "dan@example.com"),
		query("authorized_certs", "key", authority, "user_identifier", "nora"),
		query("authorized_certs", "key", "nothing", "user_identifier", "dan"),
		query("discover", "key_id", "102"),
		query("discover", "key_id", "204"),
		query("discover", "username", "dan"),
		query("discover", "user_id", "13"),
		query("discover", "identifier", "key-201"),
	}
}

// form is a POST of a form.
func form(route string, pairs ...string) *http.Request {
	r := query(route, pairs...)
	r.Method = http.MethodPost
	return r
}

func files() []*http.Request {
	return []*http.Request{
		form("lfs_authenticate", "key_id", "102", "project", "acme/app.git"),
		form("lfs_authenticate", "key_id", "102", "project", "acme/app.git"),
		form("lfs_authenticate", "key_id", "204", "project", "acme/oldname"),
		form("lfs_authenticate", "username", "dan", "gl_repository", "wiki-7"),
		form("lfs_authenticate", "user_id", "13", "project", "snippets/31.git"),
	}
}

func people(t *testing.T) []*http.Request {
	t.Helper()
	code, err := credential.OneTimePassword(otpSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return []*http.Request{
		form("two_factor_recovery_codes", "key_id", "101"),
		form("two_factor_recovery_codes", "user_id", "12"),
		form("two_factor_config", "key_id", "204"),
		form("two_factor_manual_otp_check", "key_id", "101", "otp_attempt", code),
		form("two_factor_push_otp_check", "key_id", "101"),
		form("personal_access_token", "key_id", "102", "name", "n", "scopes[]", "api"),
	}
}

// TestRolesGrantWhatIsAskedForAndNothingElse runs each family over a client that knows its role only.
func TestRolesGrantWhatIsAskedForAndNothingElse(t *testing.T) {
	tpl := read(t, "template.yaml")
	shell := auth.NewShell(apitest.StaticKeys(apitest.Secret), time.Now)
	tokens := apitest.StaticKeys(apitest.TokenSecret)
	o := httpapi.Options{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Timeout: time.Minute}
	for _, tt := range []struct {
		function string
		family   func(*store.Store) http.Handler
		requests []*http.Request
	}{
		{"GitAccessFunction", func(s *store.Store) http.Handler {
			return gitaccess.New(gitaccess.Deps{Store: s, Shell: shell, Now: time.Now, HTTP: o})
		}, pushes()},
		{"SSHKeysFunction", func(s *store.Store) http.Handler {
			return sshkeys.New(sshkeys.Deps{Store: s, Shell: shell, HTTP: o})
		}, lookups()},
		{"LFSFunction", func(s *store.Store) http.Handler {
			return lfs.New(lfs.Deps{Store: s, Shell: shell, Tokens: tokens, Now: time.Now, Random: rand.Reader, HTTP: o})
		}, files()},
		{"CredentialsFunction", func(s *store.Store) http.Handler {
			return credentials.New(credentials.Deps{Store: s, Shell: shell, Tokens: tokens, Now: time.Now, Random: rand.Reader, HTTP: o})
		}, people(t)},
		{"ErrorTrackingFunction", func(s *store.Store) http.Handler {
			return errortracking.New(errortracking.Deps{Store: s, Shell: shell, HTTP: o})
		}, []*http.Request{form("error_tracking/allowed", "project_id", "7", "public_key", "et-active")}},
		{"InstanceFunction", func(s *store.Store) http.Handler {
			return instance.New(instance.Deps{Store: s, Shell: shell, HTTP: o})
		}, []*http.Request{query("check")}},
	} {
		t.Run(tt.function, func(t *testing.T) {
			client, table := storetest.Open(t)
			loader := newGuard(t, client, tpl, "DirectoryFunction")
			for _, document := range [][]byte{apitest.Fixture(), given(t)} {
				apitest.Apply(t, store.New(loader, table, time.Now), document)
			}
			g := newGuard(t, client, tpl, tt.function)
			family := tt.family(store.New(g, table, time.Now))
			for _, r := range tt.requests {
				answer(t, family, r)
			}
			if idle := g.unused(); len(idle) > 0 {
				t.Errorf("%s grants what nothing asks for: %q", g.role, idle)
			}
		})
	}
}

// answer sends a request; what a role refuses has failed the test by itself, and must not come out as a 5xx either.
func answer(t *testing.T, family http.Handler, r *http.Request) {
	t.Helper()
	r.Header.Set("Gitlab-Shell-Api-Request", apitest.Token(t))
	w := httptest.NewRecorder()
	family.ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError || w.Code == http.StatusBadRequest {
		t.Errorf("%s: %d %s", r.URL, w.Code, w.Body)
	}
}
