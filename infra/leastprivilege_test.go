package infra_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/crypto/ssh"

	"postern/functions/agents"
	"postern/functions/credentials"
	"postern/functions/errortracking"
	"postern/functions/gitaccess"
	"postern/functions/groupscim"
	"postern/functions/hooks"
	"postern/functions/instance"
	"postern/functions/instancescim"
	"postern/functions/lfs"
	"postern/functions/sshkeys"
	"postern/functions/starboard"
	"postern/functions/storagelimits"
	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
	"postern/shared/auth"
	"postern/shared/credential"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store"
	"postern/shared/storetest"
)

// given is what the fixture does not have, so that every read and write has a reason: licensed features, an authority
// for certificates, a deploy key without a creator, and a Gitaly with the repository of project 7.
func given(t *testing.T, storage gitlab.Storage, r *gitalytest.Repository) []byte {
	t.Helper()
	public, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		t.Fatal(err)
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
	raw, err := json.Marshal(map[string]any{
		"storages": []any{storage},
		"refs": []any{
			map[string]any{"project_id": 7, "ref": "refs/heads/main", "target": r.B},
			map[string]any{"project_id": 7, "ref": "refs/heads/rel-1", "target": r.A},
		},
		"remove": map[string]any{"refs": []any{
			map[string]any{"project_id": 7, "ref": "refs/heads/dev"}, map[string]any{"project_id": 7, "ref": "refs/heads/rel-1x/y"},
		}},
		"instance":   map[string]any{"edition": "ee", "two_factor_for_cli": true, "gitlab_shell_operation_limit": 3},
		"users":      []any{map[string]any{"id": 12, "two_factor_enabled": true, "otp_secret": otpSecret}, map[string]any{"id": 13, "enterprise_group_id": 20}},
		"namespaces": []any{map[string]any{"id": 20, "saml_sso_url": "https://idp.example.com/sso", "git_audit": true}},
		"deploy_keys": []any{map[string]any{
			"id": 204, "creator_id": nil, "title": "orphan", "key": line, "projects": []any{map[string]any{"project_id": 7}},
		}},
		"merge_requests": []any{map[string]any{
			"project_id": 7, "iid": 1, "source_branch": "old", "target_branch": "main", "state": "merged",
		}},
		"agents":       []any{map[string]any{"id": 3, "name": "prod", "project_id": 7}},
		"agent_tokens": []any{map[string]any{"id": 1, "agent_id": 3, "token": "agt-prod"}},
		"scim_tokens": []any{
			map[string]any{"namespace_id": 20, "token": "scim-acme"}, map[string]any{"namespace_id": nil, "token": "scim-inst"},
		},
		"scim_identities": []any{
			map[string]any{"namespace_id": 20, "extern_uid": "u-mia", "user_id": 12},
			map[string]any{"namespace_id": 20, "extern_uid": "u-dan", "user_id": 13},
			map[string]any{"namespace_id": nil, "extern_uid": "u-dan", "user_id": 13},
		},
		"members": []any{
			map[string]any{"user_id": 1, "namespace_id": 20, "access_level": 50},
			map[string]any{"user_id": 12, "namespace_id": 20, "access_level": 50},
		},
		"ssh_certificates": []any{map[string]any{"namespace_id": 20, "fingerprint": authority, "title": "authority"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

const otpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

const authority = "i9UpZKPQ83PBpZ9HVZWh5qZHD+HqEoijMcXqbqmNq8g"

// leave writes what earlier requests have left: a message for the next push, and the lease item of many pushes that began.
func leave(t *testing.T, s *store.Store, client *dynamodb.Client, table string) {
	t.Helper()
	app := gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}
	if err := s.KeepMessage(t.Context(), 13, app, store.MovedMessage, "moved"); err != nil {
		t.Fatal(err)
	}
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: store.Item{
		"pk": &types.AttributeValueMemberS{Value: "lease#project-8"}, "sk": &types.AttributeValueMemberS{Value: "lease"},
		"begun": &types.AttributeValueMemberN{Value: "1000"},
	}})
	if err != nil {
		t.Fatal(err)
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

// people are asked at a moment, whose one-time password is right.
func people(t *testing.T, now time.Time) []*http.Request {
	t.Helper()
	code, err := credential.OneTimePassword(otpSecret, now)
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

// limits are what administrators ask and change.
func limits() []*http.Request {
	const exclusion = "/storage/limit_exclusion"
	ask := func(method, path, body string) *http.Request {
		r := httptest.NewRequest(method, "/api/v4/namespaces/"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		return r
	}
	return []*http.Request{
		ask(http.MethodPost, "acme"+exclusion, `{"reason":"big"}`),
		ask(http.MethodPost, "112"+exclusion, `{"reason":"big"}`),
		ask(http.MethodGet, "storage/limit_exclusions", ""),
		ask(http.MethodDelete, "20"+exclusion, ""),
	}
}

// agentCalls are what kas asks.
func agentCalls() []*http.Request {
	const users = "k8s_api_proxy_requests_unique_users_via_ci_access"
	tell := func(route, body string) *http.Request { return kasCall(http.MethodPost, route, body) }
	return []*http.Request{
		query("kubernetes/agent_info"),
		query("kubernetes/project_info", "id", "acme/oldname"),
		query("kubernetes/project_info", "id", "8"),
		tell("usage_metrics", `{"counters":{"gitops_sync":1},"unique_counters":{"`+users+`":[1]}}`),
		tell("agent_events", `{"events":{"`+users+`":[{"user_id":1,"project_id":7}]}}`),
		tell("agent_configuration", `{"agent_id":3,"agent_config":{}}`),
	}
}

// scans are what agents' scanners tell and ask.
func scans() []*http.Request {
	const module = "modules/starboard_vulnerability"
	const found = `{"vulnerability":{"name":"n","severity":"low","location":{"kubernetes_resource":{"namespace":"d","kind":"Pod","name":"n",` +
		`"container":"c"}},"identifiers":[{"type":"cve","name":"CVE-1"}]},"scanner":{"id":"t","name":"T","vendor":"GitLab"}}`
	return []*http.Request{
		kasCall(http.MethodPut, module, found),
		kasCall(http.MethodPost, module+"/scan_result", `{"uuids":[]}`),
		query("kubernetes/" + module + "/scan_execution_policies"),
		query("kubernetes/" + module + "/policies_configuration"),
	}
}

func kasCall(method, route, body string) *http.Request {
	r := httptest.NewRequest(method, "/api/v4/internal/kubernetes/"+route, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// provisions are what an identity provider asks and changes at a base.
func provisions(base, token string) []*http.Request {
	ask := func(method, path, body string) *http.Request {
		r := httptest.NewRequest(method, base+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/scim+json")
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}
	user := func(uid, username, email string) string {
		return `{"externalId":"` + uid + `","userName":"` + username + `","emails":[{"value":"` + email + `"}],"name":{"formatted":"N"}}`
	}
	const off, on = `{"Operations":[{"op":"replace","path":"active","value":false}]}`, `{"Operations":[{"op":"replace","path":"active","value":true}]}`
	return []*http.Request{
		ask(http.MethodGet, "/Users", ""),
		ask(http.MethodGet, "/Users?filter=userName+eq+%22dan@example.com%22", ""),
		ask(http.MethodGet, "/Users?filter=userName+sw+%22d%22", ""),
		ask(http.MethodPost, "/Users", user("u-new", "dan", "new@example.com")),
		ask(http.MethodPost, "/Users", user("u-rita", "rita", "rita@example.com")),
		ask(http.MethodPatch, "/Users/u-dan", off),
		ask(http.MethodPatch, "/Users/u-dan", on),
		ask(http.MethodPatch, "/Users/u-dan", `{"Operations":[{"op":"replace","path":"externalId","value":"u-2"}]}`),
		ask(http.MethodDelete, "/Users/u-mia", ""),
		ask(http.MethodPost, "/Bulk", `{"Operations":[
		  {"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"Ops","members":[{"value":"u-2"},{"value":"u-rita"}]}},
		  {"method":"PATCH","path":"/Groups/bulkId:g","data":{"Operations":[{"op":"replace","path":"displayName","value":"Dev"}]}},
		  {"method":"PATCH","path":"/Groups/bulkId:g","data":{"Operations":[{"op":"remove","path":"members[value eq \"u-rita\"]"}]}},
		  {"method":"PATCH","path":"/Users/u-2","data":`+off+`},
		  {"method":"PUT","path":"/Groups/bulkId:g","data":{"displayName":"Dev","members":[]}},
		  {"method":"DELETE","path":"/Groups/bulkId:g"},
		  {"method":"DELETE","path":"/Users/u-new"}]}`),
		ask(http.MethodPost, "/Users", user("u-new", "dan", "new@example.com")),
		ask(http.MethodPost, "/Users", user("u-other", "other", "rita@example.com")),
	}
}

// TestRolesGrantWhatIsAskedForAndNothingElse runs each family over a client that knows its role only.
func TestRolesGrantWhatIsAskedForAndNothingElse(t *testing.T) {
	tpl, started := read(t, "template.yaml"), time.Now()
	shell := auth.NewShell(apitest.StaticKeys(apitest.Secret), time.Now)
	tokens := apitest.StaticKeys(apitest.TokenSecret)
	folder := t.TempDir()
	repository := gitalytest.NewRepository(t, folder, gitlab.DiskPath("@hashed", 7)+".git", gitalytest.SHA1)
	storage := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, "").Storage()
	gitalyClient := gitaly.New(gitaly.Options{})
	t.Cleanup(func() { _ = gitalyClient.Close() })
	kas := auth.NewKAS(apitest.StaticKeys(apitest.Secret), time.Now)
	o := httpapi.Options{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Timeout: time.Minute}
	var tried []string
	for _, tt := range []struct {
		function string
		family   func(*store.Store) http.Handler
		requests []*http.Request
	}{
		{"GitAccessFunction", func(s *store.Store) http.Handler {
			return gitaccess.New(gitaccess.Deps{Store: s, Gitaly: gitalyClient, Shell: shell, Admin: auth.NewAdministrator(s, time.Now), Now: time.Now, HTTP: o})
		}, slices.Concat(pushes(), changes(repository), questions())},
		{"SSHKeysFunction", func(s *store.Store) http.Handler {
			return sshkeys.New(sshkeys.Deps{Store: s, Shell: shell, HTTP: o})
		}, lookups()},
		{"LFSFunction", func(s *store.Store) http.Handler {
			return lfs.New(lfs.Deps{Store: s, Shell: shell, Tokens: tokens, Now: time.Now, Random: rand.Reader, HTTP: o})
		}, files()},
		{"CredentialsFunction", func(s *store.Store) http.Handler {
			return credentials.New(credentials.Deps{
				Store: s, Shell: shell, Tokens: tokens, Now: func() time.Time { return started }, Random: rand.Reader, HTTP: o,
			})
		}, people(t, started)},
		{"ErrorTrackingFunction", func(s *store.Store) http.Handler {
			return errortracking.New(errortracking.Deps{Store: s, Shell: shell, HTTP: o})
		}, []*http.Request{form("error_tracking/allowed", "project_id", "7", "public_key", "et-active")}},
		{"HooksFunction", func(s *store.Store) http.Handler {
			return hooks.New(hooks.Deps{Store: s, Shell: shell, Now: time.Now, HTTP: o})
		}, reports()},
		{"StorageLimitsFunction", func(s *store.Store) http.Handler {
			return storagelimits.New(storagelimits.Deps{Store: s, HTTP: o})
		}, limits()},
		{"GroupSCIMFunction", func(s *store.Store) http.Handler {
			return groupscim.New(groupscim.Deps{Store: s, HTTP: o})
		}, provisions("/api/scim/v2/groups/acme", "scim-acme")},
		{"InstanceSCIMFunction", func(s *store.Store) http.Handler {
			return instancescim.New(instancescim.Deps{Store: s, HTTP: o})
		}, provisions("/api/scim/v2/application", "scim-inst")},
		{"InstanceFunction", func(s *store.Store) http.Handler {
			return instance.New(instance.Deps{Store: s, Shell: shell, HTTP: o})
		}, []*http.Request{query("check")}},
		{"AgentsFunction", func(s *store.Store) http.Handler {
			return agents.New(agents.Deps{Store: s, KAS: kas, HTTP: o})
		}, agentCalls()},
		{"StarboardFunction", func(s *store.Store) http.Handler {
			return starboard.New(starboard.Deps{Store: s, KAS: kas, HTTP: o})
		}, scans()},
	} {
		tried = append(tried, tt.function)
		t.Run(tt.function, func(t *testing.T) {
			client, table := storetest.Open(t)
			loader := newGuard(t, client, tpl, "DirectoryFunction")
			loaded := store.New(loader, table, time.Now)
			for _, document := range [][]byte{apitest.Fixture(), apitest.Administrator(), given(t, storage, repository)} {
				apitest.Apply(t, loaded, document)
			}
			leave(t, loaded, client, table)
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
	answering := slices.DeleteFunc(tpl.functions(), func(function string) bool { return len(tpl.routed(function)) == 0 })
	equal(t, "functions that answer requests, and those whose roles were tried", tried, answering)
}

// answer sends a request; what a role refuses has failed the test by itself, and must not come out as a 5xx either.
func answer(t *testing.T, family http.Handler, r *http.Request) {
	t.Helper()
	r.Header.Set("Gitlab-Shell-Api-Request", apitest.Token(t))
	r.Header.Set("Private-Token", apitest.AdminToken)
	r.Header.Set("Gitlab-Kas-Api-Request", apitest.KASToken(t))
	r.Header.Set("Gitlab-Agent-Api-Request", "agt-prod")
	w := httptest.NewRecorder()
	family.ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError || w.Code == http.StatusBadRequest {
		t.Errorf("%s: %d %s", r.URL, w.Code, w.Body)
	}
}
