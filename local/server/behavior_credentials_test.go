package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/shared/apitest"
)

// to posts JSON to a route.
func to(route string, body map[string]any) func(*testing.T, *apitest.API) *apitest.Answer {
	return func(t *testing.T, api *apitest.API) *apitest.Answer {
		return api.Post(t, "/api/v4/internal/"+route, body)
	}
}

type params = map[string]any

func lfsCases() []behavior {
	lfs := func(p params) func(*testing.T, *apitest.API) *apitest.Answer { return to("lfs_authenticate", p) }
	noActor, noProject404 := want{status: 404, body: `{"message":"404 Not found"}`}, want{status: 404, body: `{"message":"404 Not Found"}`}
	app := map[string]string{"repository_http_path": "https://gitlab.example.com/acme/app.git", "expires_in": "1800"}
	return []behavior{
		{number: "87", name: "a key", call: lfs(params{"key_id": 102, "project": "acme/app", "operation": "download"}), want: want{status: 200, has: app, like: `^\{"username":"dan","lfs_token":"eyJ`}},
		{number: "87", name: "a user, with the instance's token lifetime", given: []string{`{"instance":{"lfs_token_ttl":60}}`}, call: lfs(params{"user_id": "13", "project": "acme/app.git"}), want: want{status: 200, has: map[string]string{"expires_in": "60", "username": "dan"}}},
		{number: "88", name: "a deploy key", call: lfs(params{"key_id": "201", "project": "acme/app"}), want: want{status: 200, has: map[string]string{"username": "lfs+deploy-key-201"}}},
		{number: "89", name: "no actor", call: lfs(params{"project": "acme/app"}), want: noActor},
		{number: "89", name: "an unknown key", call: lfs(params{"key_id": 999, "project": "acme/app"}), want: noActor},
		{number: "89", name: "an unknown user", call: lfs(params{"user_id": 999, "project": "acme/app"}), want: noActor},
		{number: "89", name: "a key without a user", call: lfs(params{"key_id": 110, "project": "acme/app"}), want: noActor},
		{number: "90", name: "LFS is off", given: []string{`{"projects":[{"id":7,"lfs_enabled":false}]}`}, call: lfs(params{"key_id": 102, "project": "acme/app"}), want: noProject404},
		{number: "91", name: "an unknown project", call: lfs(params{"key_id": 102, "project": "acme/none"}), want: noProject404},
		{number: "92", name: "a snippet", call: lfs(params{"key_id": 102, "project": "snippets/31.git"}), want: noProject404},
		{number: "92", name: "a project's snippet", call: lfs(params{"key_id": 102, "gl_repository": "snippet-32"}), want: noProject404},
		{number: "93", name: "a guest without access to code", call: lfs(params{"key_id": 104, "project": "acme/app"}), want: want{status: 200, has: app}},
	}
}

const (
	dansSecret = "JBSWY3DPEHPK3PXP"
	twoFactor  = `{"users":[{"id":13,"two_factor_enabled":true,"otp_secret":"` + dansSecret + `"}]}`
	licensed   = `{"instance":{"edition":"ee","two_factor_for_cli":true}}`
)

func failure(message string) want {
	return want{status: 200, message: message, has: map[string]string{"success": "false"}}
}

func credentialCases() []behavior {
	codes := func(p params) func(*testing.T, *apitest.API) *apitest.Answer {
		return to("two_factor_recovery_codes", p)
	}
	made := want{status: 200, like: `^\{"success":true,"recovery_codes":\["[0-9a-f]{16}"(,"[0-9a-f]{16}"){9}\]\}$`}
	off := failure("Two-factor authentication is not enabled for this user")
	off.lacks = []string{"recovery_codes"}
	return append(tokenCases(), []behavior{
		{number: "108", name: "two-factor is on", given: []string{twoFactor}, call: codes(params{"key_id": 102}), want: made},
		{number: "108", name: "by GET, as documented", given: []string{twoFactor}, call: get("two_factor_recovery_codes", "key_id", "102"), want: made},
		{number: "109", name: "two-factor is off", call: codes(params{"key_id": 102}), want: off},
		{number: "110", name: "an unknown key", call: codes(params{"key_id": 999}), want: failure("Could not find the given key")},
		{number: "110", name: "no key at all", call: codes(params{}), want: failure("Could not find the given key")},
		{number: "111", name: "a key without a user", call: codes(params{"key_id": 110}), want: failure("Could not find a user for the given key")},
		{number: "112", name: "a deploy key", call: codes(params{"key_id": 201}), want: failure("Deploy keys cannot be used to retrieve recovery codes")},
		{number: "113", name: "an unknown user", call: codes(params{"user_id": 0}), want: failure("Could not find the given user")},
		{number: "114", name: "a user without a key, after a login by certificate", given: []string{twoFactor}, call: codes(params{"user_id": 13}), want: made},
		{number: "114", name: "a key that has expired", given: []string{twoFactor}, call: codes(params{"key_id": 107}), want: failure("Your SSH key has expired.")},
		{number: "115", name: "a one-time password without a license", call: to("two_factor_manual_otp_check", params{"key_id": 102, "otp_attempt": "1"}), want: failure("Feature is not available")},
		{number: "115", name: "a confirmation without a license", call: to("two_factor_push_otp_check", params{"key_id": 102}), want: failure("Feature is not available")},
		{number: "115", name: "a confirmation, where no service is configured", given: []string{twoFactor, licensed}, call: to("two_factor_push_otp_check", params{"key_id": 102}), want: failure("Invalid OTP")},
		{number: "115", name: "the flag is off", given: []string{twoFactor, `{"instance":{"edition":"ee"}}`}, call: to("two_factor_manual_otp_check", params{"key_id": 102, "otp_attempt": "1"}), want: failure("Feature flag is disabled")},
		{number: "115", name: "a deploy key's password", given: []string{licensed}, call: to("two_factor_manual_otp_check", params{"key_id": 201}), want: failure("Deploy keys cannot be used for Two Factor")},
		{number: "115", name: "a wrong password", given: []string{twoFactor, licensed}, call: to("two_factor_manual_otp_check", params{"key_id": 102, "otp_attempt": "1"}), want: failure("Invalid OTP")},
		{number: "116", name: "a deploy key needs no second factor", given: []string{`{"instance":{"two_factor_for_cli":true}}`}, call: to("two_factor_config", params{"key_id": 201}), want: want{status: 200, body: `{"success":true,"two_factor_required":false}`}},
		{number: "116", name: "a user needs a second factor", given: []string{twoFactor, licensed}, call: to("two_factor_config", params{"key_id": 102}), want: want{status: 200, body: `{"success":true,"two_factor_required":true}`}},
		{number: "116", name: "the flag is off for all", call: to("two_factor_config", params{"key_id": 102}), want: want{status: 200, body: `{"success":false}`}},
	}...)
}

func tokenCases() []behavior {
	token := func(changes params) func(*testing.T, *apitest.API) *apitest.Answer {
		p := params{"key_id": 102, "name": "n", "scopes": []string{"read_api", "read_repository"}, "expires_at": "2020-07-24"}
		for name, value := range changes {
			p[name] = value
		}
		return to("personal_access_token", p)
	}
	made := want{status: 200, like: `^\{"success":true,"token":"glpat-[\w-]{20}","scopes":\["read_api","read_repository"\],"expires_at":"2020-07-24"\}$`}
	limited := `{"instance":{"max_personal_access_token_lifetime":10}}`
	day := func(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly) }
	return []behavior{
		{number: "117", name: "a token", call: token(nil), want: made},
		{number: "117", name: "a user without a key", call: token(params{"key_id": nil, "user_id": 13}), want: made},
		{number: "117", name: "without a date", call: token(params{"expires_at": nil}), want: want{status: 200, has: map[string]string{"success": "true", "expires_at": "<nil>"}}},
		{number: "117", name: "a date required by the instance", given: []string{`{"instance":{"require_personal_access_token_expiry":true}}`}, call: token(params{"expires_at": nil}), want: want{status: 200, has: map[string]string{"expires_at": day(365)}}},
		{number: "117", name: "the latest date", given: []string{limited}, call: token(params{"expires_at": day(10)}), want: want{status: 200, has: map[string]string{"expires_at": day(10)}}},
		{number: "117", name: "a date too late", given: []string{limited}, call: token(params{"expires_at": day(11)}), want: failure("Failed to create token: Expiration date must be before " + day(10))},
		{number: "117", name: "the limit applies without a date", given: []string{limited}, call: token(params{"expires_at": nil}), want: want{status: 200, has: map[string]string{"expires_at": day(10)}}},
		{number: "117", name: "one scope as a text", call: token(params{"scopes": "api"}), want: want{status: 200, has: map[string]string{"scopes": "[api]"}}},
		{number: "117", name: "a blocked user", call: token(params{"key_id": 106}), want: failure("Failed to create token: Not permitted to create")},
		{number: "118", name: "no name", call: token(params{"name": nil}), want: failure("No token name specified")},
		{number: "118", name: "a name of spaces", call: token(params{"name": " "}), want: failure("No token name specified")},
		{number: "118", name: "a name too long", call: token(params{"name": strings.Repeat("n", 256)}), want: failure("Failed to create token: Name is too long (maximum is 255 characters)")},
		{number: "119", name: "no scopes", call: token(params{"scopes": []string{}}), want: failure("No token scopes specified")},
		{number: "120", name: "an unknown scope", call: token(params{"scopes": []string{"read_api", "badscope", "read_repository"}}), want: want{status: 200, prefix: `Invalid scope: 'badscope'. Valid scopes are: ["api", "create_runner", `}},
		{number: "121", name: "no date", call: token(params{"expires_at": "invalid-date"}), want: failure("Invalid token expiry date: 'invalid-date'")},
		{number: "122", name: "a deploy key", call: token(params{"key_id": 201}), want: failure("Deploy keys cannot be used to create personal access tokens")},
		{number: "123", name: "an unknown user", call: token(params{"key_id": nil, "user_id": 0, "name": nil}), want: failure("Could not find the given user")},
	}
}

func errorTrackingCases() []behavior {
	const header = "Gitlab-Error-Tracking-Token"
	by := func(token string, pairs ...string) func(*testing.T, *apitest.API) *apitest.Answer {
		return func(t *testing.T, api *apitest.API) *apitest.Answer {
			query := strings.Join(pairs, "&")
			r := apitest.Request(t, http.MethodPost, api.URL+"/api/v4/internal/error_tracking/allowed?"+query, nil)
			if token != "JWT" {
				r.Header.Del("Gitlab-Shell-Api-Request")
				r.Header.Set(header, token)
			}
			return api.Do(t, r)
		}
	}
	const project, active = "project_id=7", "public_key=et-active"
	yes, no := want{status: 200, body: `{"enabled":true}`}, want{status: 200, body: `{"enabled":false}`}
	refused := want{status: 401, body: `{"message":"401 Unauthorized"}`}
	return []behavior{
		{number: "137", name: "a known key", call: by("et-secret", project, active), want: yes},
		{number: "137", name: "with the token of gitlab-shell", call: by("JWT", project, active), want: yes},
		{number: "137", name: "the parameter has precedence over the header", call: by("wrong", project, active, "error_tracking_token=et-secret"), want: yes},
		{number: "138", name: "an unknown key", call: by("et-secret", project, "public_key=none"), want: no},
		{number: "138", name: "an inactive key", call: by("et-secret", project, "public_key=et-inactive"), want: no},
		{number: "138", name: "the setting is off", given: []string{`{"instance":{"error_tracking_enabled":false}}`}, call: by("et-secret", project, active), want: no},
		{number: "139", name: "no token", call: by("", project, active), want: refused},
		{number: "139", name: "a wrong token", call: by("et-secre", project, active), want: refused},
		{number: "139", name: "a wrong parameter beside the right header", call: by("et-secret", project, active, "error_tracking_token=x"), want: refused},
		{number: "139", name: "the instance has no token", given: []string{`{"instance":{"error_tracking_access_token":null}}`}, call: by("et-secret", project, active), want: refused},
		{number: "140", name: "no key", call: by("et-secret", project), want: want{status: 422, body: `{"message":"422 Unprocessable Entity"}`}},
		{number: "141", name: "an unknown project", call: by("et-secret", "project_id=999", active), want: want{status: 404, body: `{"message":"404 Not found"}`}},
	}
}

// A one-time password permits git once.
func TestOneTimePasswordWorksOnce(t *testing.T) {
	api := serve(t, twoFactor, licensed)
	pull := func() int { return shell(102, "upload-pack", "acme/app")(t, api).Status }
	if got := pull(); got != http.StatusUnauthorized {
		t.Fatalf("before: %d, want 401", got)
	}
	code := apitest.OneTimePassword(t, dansSecret, time.Now())
	check := to("two_factor_manual_otp_check", params{"key_id": "102", "otp_attempt": code})
	if got := check(t, api); got.Body != `{"success":true}` {
		t.Errorf("the password: %s", got.Body)
	}
	if got := pull(); got != http.StatusOK {
		t.Errorf("after: %d, want 200", got)
	}
	if got := check(t, api); got.Message() != "Invalid OTP" {
		t.Errorf("the password again: %s", got.Body)
	}
}
