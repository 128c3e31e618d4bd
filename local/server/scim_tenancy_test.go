package server

import (
	"net/http"
	"strings"
	"testing"

	"postern/shared/apitest"
	"postern/shared/provisioning"
)

// scimBodies are bodies that cause a change with a valid token.
var scimBodies = map[string]string{
	"POST /Users":       person("u-new", "new", "new@elsewhere.com"),
	"POST /Groups":      `{"displayName":"Dev"}`,
	"PUT /Groups/:id":   `{"displayName":"Dev"}`,
	"PATCH /Users/:id":  patchOp(`{"op":"replace","path":"active","value":true}`),
	"PATCH /Groups/:id": patchOp(`{"op":"replace","path":"displayName","value":"Dev"}`),
	"POST /Bulk":        `{"Operations":[{"method":"DELETE","path":"/Users/u-dan"}]}`,
}

// Every route with every tenant's token at every other tenant's base answers 404 with the same bytes, for existing and for
// missing resources. It changes nothing.
func TestSCIMTokensWorkAtTheirOwnTenantOnly(t *testing.T) {
	api := serve(t, scimFixture)
	wrong := []struct{ token, base string }{
		{"scim-acme", beta}, {"scim-acme", application}, {"scim-beta", acme}, {"scim-beta", application}, {"scim-inst", acme}, {"scim-inst", beta},
	}
	first := ""
	for _, route := range provisioning.Routes(provisioning.Instance, nil) {
		path := strings.TrimPrefix(route.Path, provisioning.Instance)
		for _, w := range wrong {
			for _, id := range []string{"u-dan", "i-gus", "u-none"} {
				call := scimCall{
					token: w.token, base: w.base, method: route.Method, path: strings.Replace(path, ":id", id, 1),
					body: scimBodies[route.Method+" "+path],
				}
				got := call.send(t, api)
				if first == "" {
					first = got.Body
				}
				if got.Status != http.StatusNotFound || got.Body != first {
					t.Errorf("%s %s%s with %s: %d %s, want 404 %s", route.Method, w.base, call.path, w.token, got.Status, got.Body, first)
				}
				if !strings.Contains(path, ":id") {
					break
				}
			}
		}
	}
	for _, s := range []scimStep{
		read("/Users/u-dan", 200, `"active":true`), read("/Groups", 200, `"totalResults":0`),
		read("/Users/i-gus", 200, `"active":true`).at(application), read("/Users", 200, `"totalResults":0`).at(beta),
	} {
		s.play(t, api)
	}
}

// A group's token becomes invalid together with the group's SAML configuration.
func TestSCIMTokensBecomeInvalid(t *testing.T) {
	list := func(t *testing.T, api *apitest.API, base string, status int) {
		t.Helper()
		s := read("/Users/u-dan", status, "").at(base)
		s.play(t, api)
	}
	for name, document := range map[string]string{
		"SSO is disabled":               `{"namespaces":[{"id":20,"saml_enabled":false}]}`,
		"the group loses SAML":          `{"namespaces":[{"id":20,"saml_sso_url":null}]}`,
		"the token is disabled":         `{"scim_tokens":[{"namespace_id":20,"token":"scim-acme","enabled":false}]}`,
		"the group moves below another": `{"namespaces":[{"id":20,"parent_id":22}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			api := serve(t, scimFixture)
			list(t, api, acme, 200)
			apitest.Apply(t, api.Store, []byte(document))
			list(t, api, acme, 404)
		})
	}
	t.Run("a renamed group keeps its token", func(t *testing.T) {
		api := serve(t, scimFixture)
		apitest.Apply(t, api.Store, []byte(`{"namespaces":[{"id":20,"path":"apex"}]}`))
		s := read("/Users/u-dan", 200, "")
		s.token, s.base = "scim-acme", "/api/scim/v2/groups/APEX"
		s.play(t, api)
	})
	t.Run("another token replaces it", func(t *testing.T) {
		api := serve(t, scimFixture)
		apitest.Apply(t, api.Store, []byte(`{"scim_tokens":[{"namespace_id":20,"token":"scim-acme-2"}]}`))
		list(t, api, acme, 401)
	})
}
