package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postern/shared/apitest"
)

const (
	exclusions = "/namespaces/storage/limit_exclusions"
	exclusion  = "/namespaces/:id/storage/limit_exclusion"
)

const (
	rootAPI  = apitest.AdminToken
	rootRead = "glpat-root-read"
	danAPI   = "glpat-dan-api"
)

const administration = `{
 "users": [{"id": 17, "admin": true}],
 "namespaces": [{"id": 21, "kind": "group", "path": "team", "parent_id": 20}],
 "personal_access_tokens": [
  {"id": 2, "user_id": 1, "name": "n", "scopes": ["read_api"], "token": "glpat-root-read"},
  {"id": 3, "user_id": 13, "name": "n", "scopes": ["api"], "token": "glpat-dan-api"},
  {"id": 4, "user_id": 1, "name": "n", "scopes": ["api"], "revoked": true, "token": "glpat-revoked"},
  {"id": 5, "user_id": 1, "name": "n", "scopes": ["api"], "expires_at": "2020-01-01", "token": "glpat-expired"},
  {"id": 6, "user_id": 17, "name": "n", "scopes": ["api"], "token": "glpat-blocked"},
  {"id": 7, "user_id": 1, "name": "n", "scopes": ["read_user"], "token": "glpat-user"}
 ]}`

// administrator is a call of the public API. The token goes into the header PRIVATE-TOKEN unless header is set.
type administrator struct {
	method, path, token, body string
	header                    http.Header
}

func (a administrator) ask(t *testing.T, api *apitest.API) *apitest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), a.method, api.URL+a.path, strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if a.token != "" {
		r.Header.Set("PRIVATE-TOKEN", a.token)
	}
	if strings.HasPrefix(a.body, "{") {
		r.Header.Set("Content-Type", "application/json")
	} else if a.body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range a.header {
		r.Header[name] = values
	}
	return api.Do(t, r)
}

// one returns the path of a namespace's exclusion.
func one(namespace string) string {
	return "/api/v4" + strings.Replace(exclusion, ":id", url.PathEscape(namespace), 1)
}

const because = `{"reason":"a reason"}`

func create(namespace, token string) administrator {
	return administrator{method: http.MethodPost, path: one(namespace), token: token, body: because}
}

func remove(namespace, token string) administrator {
	return administrator{method: http.MethodDelete, path: one(namespace), token: token}
}

func list(token string) administrator {
	return administrator{method: http.MethodGet, path: "/api/v4" + exclusions, token: token}
}

// answered is a call and its expected answer.
type answered struct {
	administrator
	status int
	body   string
}
