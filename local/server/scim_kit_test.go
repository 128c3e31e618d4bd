package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postern/shared/apitest"
)

// scimFixture is the further data of the SCIM cases in docs/behavior.md: groups with SAML and without, tokens, identities, and a sole owner.
const scimFixture = `{
 "namespaces": [
  {"id": 20, "saml_sso_url": "https://idp.example.com/acme", "saml_default_membership_role": 30},
  {"id": 21, "kind": "group", "path": "beta", "saml_sso_url": "https://idp.example.com/beta"},
  {"id": 22, "kind": "group", "path": "plain"}],
 "members": [
  {"user_id": 12, "namespace_id": 20, "access_level": 50}, {"user_id": 12, "namespace_id": 21, "access_level": 50}],
 "scim_tokens": [
  {"namespace_id": 20, "token": "scim-acme"}, {"namespace_id": 21, "token": "scim-beta"}, {"namespace_id": null, "token": "scim-inst"}],
 "scim_identities": [
  {"namespace_id": 20, "extern_uid": "u-dan", "user_id": 13}, {"namespace_id": 20, "extern_uid": "u-rita", "user_id": 14},
  {"namespace_id": 20, "extern_uid": "u-mia", "user_id": 12}, {"namespace_id": null, "extern_uid": "i-gus", "user_id": 15}]}`

const (
	acme        = "/api/scim/v2/groups/acme"
	beta        = "/api/scim/v2/groups/beta"
	application = "/api/scim/v2/application"
)

// scimTokens are the tokens of the bases. Other bases have no token.
var scimTokens = map[string]string{acme: "scim-acme", beta: "scim-beta", application: "scim-inst"}

// scimCall is a request of an identity provider.
type scimCall struct {
	token  string // empty: the base's own, "-": no token
	method string // empty: GET
	base   string // empty: acme
	path   string
	query  []string // names and values
	body   string
	header [2]string
}

func (c *scimCall) send(t *testing.T, api *apitest.API) *apitest.Answer {
	t.Helper()
	base, query := c.base, url.Values{}
	if base == "" {
		base = acme
	}
	for i := 0; i+1 < len(c.query); i += 2 {
		query.Set(c.query[i], c.query[i+1])
	}
	method := c.method
	if method == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(t.Context(), method, api.URL+base+c.path+"?"+query.Encode(), strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/scim+json")
	token := c.token
	if token == "" {
		token = scimTokens[base]
	}
	if token != "-" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if c.header[0] != "" {
		r.Header.Set(c.header[0], c.header[1])
	}
	return api.Do(t, r)
}

// scimStep is a call with its expected answer.
type scimStep struct {
	scimCall
	status int
	like   string // part of the body
	lacks  string
}

func (s *scimStep) play(t *testing.T, api *apitest.API) *apitest.Answer {
	t.Helper()
	got := s.send(t, api)
	if got.Status != s.status || !strings.Contains(got.Body, s.like) || s.lacks != "" && strings.Contains(got.Body, s.lacks) {
		t.Errorf("%s %s%s %v %s: %d %s, want %d with %q, without %q",
			s.method, s.base, s.path, s.query, s.body, got.Status, got.Body, s.status, s.like, s.lacks)
	}
	if kind := got.Header.Get("Content-Type"); got.Body != "" && kind != "application/scim+json" {
		t.Errorf("Content-Type %q", kind)
	}
	return got
}

func patchOp(operation string) string { return `{"Operations":[` + operation + `]}` }

// Steps.

func read(path string, status int, like string) scimStep {
	return scimStep{scimCall: scimCall{path: path}, status: status, like: like}
}

func find(filter string, status int, like string) scimStep {
	return scimStep{scimCall: scimCall{path: "/Users", query: []string{"filter", filter}}, status: status, like: like}
}

func change(path, operation string, status int, like string) scimStep {
	return scimStep{scimCall: scimCall{method: http.MethodPatch, path: path, body: patchOp(operation)}, status: status, like: like}
}

func provision(body string, status int, like string) scimStep {
	return scimStep{scimCall: scimCall{method: http.MethodPost, path: "/Users", body: body}, status: status, like: like}
}

func erase(path string, status int, like string) scimStep {
	return scimStep{scimCall: scimCall{method: http.MethodDelete, path: path}, status: status, like: like}
}

// at moves a step to another base.
func (s scimStep) at(base string) scimStep {
	s.base = base
	return s
}

// pulls checks by gitlab-shell whether a key may fetch acme/app.
func pulls(t *testing.T, api *apitest.API, key, status int, like string) {
	t.Helper()
	got := shell(key, "upload-pack", "acme/app")(t, api)
	if got.Status != status || !strings.Contains(got.Body, like) {
		t.Errorf("key %d pulls: %d %s, want %d with %q", key, got.Status, got.Body, status, like)
	}
}

// person is a user in an identity provider's create request.
func person(uid, username, email string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"externalId":"` + uid + `","userName":"` + username +
		`","emails":[{"primary":true,"type":"work","value":"` + email + `"}],"name":{"formatted":"Test User"}}`
}
