package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"postern/local/invoke"
	"postern/shared/apitest"
	"postern/shared/httpapi"
	"postern/shared/store"
)

// The API's logs contain no secret of a request or an answer.
func TestNothingSecretIsLogged(t *testing.T) {
	api := serveHere(t, twoFactor, licensed, agentWorld)
	code := apitest.OneTimePassword(t, dansSecret, time.Now())
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
			t.Errorf("%s %s is not called", route.Method, route.Path)
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
	if len(secrets) != 8+2+20 { // two methods return recovery codes
		t.Fatalf("%d secrets found", len(secrets))
	}
	for _, secret := range secrets {
		if strings.Contains(api.Log.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
	}
}

func everyRoute(d apitest.Deps) []httpapi.Route {
	var all []httpapi.Route
	for _, f := range mount(func() *store.Store { return d.Store }, authentication{d.Shell, d.KAS, d.Tokens}, d.HTTP, invoke.API{}).families {
		all = append(all, f.routes...)
	}
	return all
}

// ask calls a route by its method, with the tokens of all callers. Methods without a body take the parameters as a query.
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
