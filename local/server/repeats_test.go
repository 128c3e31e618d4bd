package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/local/invoke"
	"postern/shared/apitest"
	"postern/shared/credential"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store"
)

// repeatable makes requests that arrive as often as they are sent: word for word the same, with one token and one id.
func repeatable(t *testing.T, api *apitest.API, route, id string, body params) func() *apitest.Answer {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	token := apitest.Token(t)
	return func() *apitest.Answer {
		r := apitest.Request(t, http.MethodPost, api.URL+"/api/v4/internal/"+route, bytes.NewReader(raw))
		r.Header.Set("Gitlab-Shell-Api-Request", token)
		r.Header.Set("X-Request-Id", id)
		return api.Do(t, r)
	}
}

// codesOf are the recovery codes of an answer, none of a refusal.
func codesOf(t *testing.T, a *apitest.Answer) []string {
	t.Helper()
	var body struct {
		RecoveryCodes []string `json:"recovery_codes"`
	}
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
		t.Fatal(err)
	}
	return body.RecoveryCodes
}

// gitlab-shell sends a request again when its answer got lost: the repeat is given the same, another request is not.
func TestARepeatIsGivenTheSame(t *testing.T) {
	code, err := credential.OneTimePassword(dansSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		route string
		body  params
	}{
		{"two_factor_recovery_codes", params{"key_id": "102"}},
		{"personal_access_token", params{"key_id": "102", "name": "n", "scopes": []string{"api"}}},
		{"two_factor_manual_otp_check", params{"key_id": "102", "otp_attempt": code}},
	}
	for _, row := range rows {
		t.Run(row.route, func(t *testing.T) {
			api := serve(t, twoFactor, licensed)
			send := repeatable(t, api, row.route, "one", row.body)
			lost := send()
			if !strings.Contains(lost.Body, `"success":true`) {
				t.Fatalf("first: %s", lost.Body)
			}
			if again := send(); again.Body != lost.Body {
				t.Errorf("the repeat: %s, want what got lost: %s", again.Body, lost.Body)
			}
			if other := repeatable(t, api, row.route, "two", row.body)(); other.Body == lost.Body {
				t.Errorf("another request is given the same: %s", other.Body)
			}
		})
	}
}

func TestATokenIsKeptOnceAndAsADigest(t *testing.T) {
	api := serve(t)
	send := repeatable(t, api, "personal_access_token", "one", params{"key_id": 102, "name": "n", "scopes": []string{"api"}})
	answers := make([]*apitest.Answer, 4)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = send() })
	}
	wg.Wait()
	for _, a := range answers {
		if a.Body != answers[0].Body || a.Object()["success"] != true {
			t.Errorf("%s and %s of one request", a.Body, answers[0].Body)
		}
	}
	token, _ := answers[0].Object()["token"].(string)
	found, err := api.Store.LoadPersonalToken(t.Context(), gitlab.TokenDigest(token))
	if err != nil || found.User == nil || found.User.ID != 13 {
		t.Errorf("the token is whose? %+v %v", found, err)
	}
}

// However requests for codes run into each other, the codes that were handed out last work, and none of one that lost.
func TestCodesThatWereHandedOutWork(t *testing.T) {
	api := serve(t, twoFactor)
	first := repeatable(t, api, "two_factor_recovery_codes", "first", params{"key_id": 102})
	second := repeatable(t, api, "two_factor_recovery_codes", "second", params{"key_id": 102})
	old, fresh := codesOf(t, first()), codesOf(t, second())
	if got := first(); got.Message() != "Newer recovery codes have been made for this user" {
		t.Errorf("the repeat of a request whose codes are void: %s", got.Body)
	}
	spend := func(code string) bool {
		ok, err := api.Store.SpendRecoveryCode(t.Context(), 13, code)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if len(old) != 10 || len(fresh) != 10 || slices.ContainsFunc(old, spend) || !spend(fresh[0]) {
		t.Error("want that the newer codes work and the old ones do not")
	}
}

// Of different requests at once each is given codes that nobody voided before they were read, or a refusal: the codes of
// the request that came last work.
func TestCodesAtOnce(t *testing.T) {
	api := serve(t, twoFactor)
	made := make([][]string, 6)
	var wg sync.WaitGroup
	for i := range made {
		send := repeatable(t, api, "two_factor_recovery_codes", string(rune('a'+i)), params{"key_id": 102})
		wg.Go(func() { made[i] = codesOf(t, send()) })
	}
	wg.Wait()
	working := 0
	for _, codes := range made {
		if len(codes) == 0 {
			continue
		}
		ok, err := api.Store.SpendRecoveryCode(t.Context(), 13, codes[0])
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			working++
		}
	}
	if working != 1 {
		t.Errorf("%d sets of codes work, want 1: %v", working, made)
	}
}

// Nothing that was handed out, or handed in, is found in what the API writes down.
func TestNothingSecretIsLogged(t *testing.T) {
	api := serveHere(t, twoFactor, licensed, agentWorld)
	code, err := credential.OneTimePassword(dansSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	const module = "kubernetes/modules/starboard_vulnerability"
	var reportedFinding params
	if err := json.Unmarshal([]byte(finding), &reportedFinding); err != nil {
		t.Fatal(err)
	}
	secrets := []string{"agt-prod", apitest.Secret, apitest.TokenSecret, apitest.AdminToken, dansSecret, "et-secret", "gtok", "\"" + code + "\""}
	asked := map[string]params{
		"allowed":                     {"key_id": 101, "action": "git-upload-pack", "project": "acme/app", "changes": "_any", "protocol": "ssh"},
		"allowed/explain":             {"key_id": 101, "action": "git-upload-pack", "project": "acme/app", "changes": "_any", "protocol": "ssh"},
		"pre_receive":                 {"gl_repository": "project-7"},
		"post_receive":                {"gl_repository": "project-7", "identifier": "key-102", "push_options": nil},
		"shellhorse/git_audit_event":  {"gl_repository": "project-7", "action": "git-upload-pack", "key_id": 102},
		"authorized_keys":             {"key": "nothing"},
		"authorized_certs":            {"key": "nothing", "user_identifier": "dan"},
		"discover":                    {"key_id": 102},
		"check":                       {},
		"lfs_authenticate":            {"key_id": 102, "project": "acme/app"},
		"two_factor_recovery_codes":   {"key_id": 102},
		"two_factor_config":           {"key_id": 102},
		"two_factor_manual_otp_check": {"key_id": 102, "otp_attempt": code},
		"two_factor_push_otp_check":   {"key_id": 102},
		"personal_access_token":       {"key_id": 102, "name": "n", "scopes": []string{"api"}},
		"error_tracking/allowed":      {"project_id": 7, "public_key": "et-active", "error_tracking_token": "et-secret"},
		exclusions:                    {"private_token": apitest.AdminToken},
		exclusion:                     {"reason": "big"},

		"kubernetes/agent_info":             {},
		"agents/agentk/agent_info":          {},
		"kubernetes/project_info":           {"id": "acme/app"},
		"kubernetes/verify_project_access":  {"id": 7},
		"kubernetes/usage_metrics":          {"counters": params{"gitops_sync": 1}},
		"kubernetes/agent_events":           {"events": params{}},
		"kubernetes/agent_configuration":    {"agent_id": 3, "agent_config": params{}},
		module:                              reportedFinding,
		module + "/scan_result":             {"uuids": []string{}},
		module + "/scan_execution_policies": {},
		module + "/policies_configuration":  {},
	}
	for _, route := range everyRoute(api.Deps) {
		body, known := asked[strings.TrimPrefix(route.Path, "/internal/")]
		if !known {
			t.Errorf("%s %s is not asked", route.Method, route.Path)
			continue
		}
		got := ask(t, api, route, body)
		if got.Status >= http.StatusMultipleChoices && got.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", route.Path, got.Status, got.Body)
		}
		if got.Status == http.StatusNoContent {
			continue
		}
		for _, name := range []string{"lfs_token", "token"} {
			if made, ok := got.Object()[name].(string); ok {
				secrets = append(secrets, made)
			}
		}
		if got.Object() != nil {
			secrets = append(secrets, codesOf(t, got)...)
		}
	}
	if len(secrets) != 8+2+20 { // two verbs hand out recovery codes
		t.Fatalf("%d secrets were seen", len(secrets))
	}
	for _, secret := range secrets {
		if strings.Contains(api.Log.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
	}
}

// everyRoute returns the routes of all families.
func everyRoute(d apitest.Deps) []httpapi.Route {
	var all []httpapi.Route
	for _, f := range mount(func() *store.Store { return d.Store }, locks{d.Shell, d.KAS, d.Tokens}, d.HTTP, invoke.API{}).families {
		all = append(all, f.routes...)
	}
	return all
}

// ask calls a route by its verb, with the tokens of all callers: what has no body is asked in the query.
func ask(t *testing.T, api *apitest.API, route httpapi.Route, p params) *apitest.Answer {
	t.Helper()
	target, body := api.URL+"/api/v4"+strings.ReplaceAll(route.Path, ":id", "20"), []byte(nil)
	switch route.Method {
	case http.MethodGet, http.MethodDelete:
		query := url.Values{}
		for name, value := range p {
			query.Set(name, fmt.Sprint(value))
		}
		target += "?" + query.Encode()
	default:
		raw, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		body = raw
	}
	r := apitest.Request(t, route.Method, target, bytes.NewReader(body))
	r.Header.Set("Gitlab-Kas-Api-Request", apitest.KASToken(t))
	r.Header.Set("Gitlab-Agent-Api-Request", "agt-prod")
	r.Header.Set("Private-Token", apitest.AdminToken)
	return api.Do(t, r)
}
