package server

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/shared/apitest"
)

const unauthorized = `{"message":"401 Unauthorized"}`

func authenticationCases(t *testing.T) []behavior {
	now := time.Now()
	claims := func(iss string, iat, exp time.Time) map[string]any {
		return map[string]any{"iss": iss, "iat": iat.Unix(), "exp": exp.Unix()}
	}
	fresh := claims("gitlab-shell", now, now.Add(time.Minute))
	sign := func(alg, secret string, c map[string]any) string { return apitest.SignClaims(t, alg, secret, c) }
	refused := want{status: 401, body: unauthorized}
	return []behavior{
		{number: "1", name: "a fresh token", call: get("check"), want: want{
			status: 200, has: map[string]string{"api_version": "v4", "redis": "true"},
		}},
		{number: "2", name: "no token", call: signed("", ""), want: refused},
		{
			number: "3", name: "issued ten seconds ahead",
			call: jwt(sign("HS256", apitest.Secret, claims("gitlab-shell", now.Add(10*time.Second), now.Add(time.Minute)))),
			want: want{status: 200},
		},
		{
			number: "4", name: "expired a minute ago",
			call: jwt(sign("HS256", apitest.Secret, claims("gitlab-shell", now.Add(-2*time.Minute), now.Add(-time.Minute)))),
			want: refused,
		},
		{
			number: "5", name: "another issuer",
			call: jwt(sign("HS256", apitest.Secret, claims("gitlab-workhorse", now, now.Add(time.Minute)))), want: refused,
		},
		{number: "6", name: "another secret", call: jwt(sign("HS256", "another", fresh)), want: refused},
		{
			number: "7", name: "the secret itself in a header",
			call: signed("Gitlab-Shared-Secret", base64.StdEncoding.EncodeToString([]byte(apitest.Secret))), want: refused,
		},
		{number: "8", name: "the secret itself in the body", call: func(t *testing.T, api *apitest.API) *apitest.Answer {
			r := apitest.Request(t, http.MethodPost, api.URL+allowed, strings.NewReader(`{"secret_token":"`+apitest.Secret+`"}`))
			r.Header.Del("Gitlab-Shell-Api-Request")
			return api.Do(t, r)
		}, want: refused},
		{number: "9", name: "HS512", call: jwt(sign("HS512", apitest.Secret, fresh)), want: refused},
		{number: "10", name: "no algorithm", call: jwt(sign("none", "", fresh)), want: refused},
		{number: "11", name: "a stored secret with a newline, signed without it", call: get("check"), want: want{status: 200}},
		{number: "12", name: "a bad token before bad parameters", call: func(t *testing.T, api *apitest.API) *apitest.Answer {
			r := apitest.Request(t, http.MethodPost, api.URL+allowed, strings.NewReader(`{"key_id":[`))
			r.Header.Set("Gitlab-Shell-Api-Request", "a.b.c")
			return api.Do(t, r)
		}, want: refused},
	}
}
