package groupscim_test

import (
	"net/http"
	"strings"
	"testing"

	"postern/functions/groupscim"
	"postern/shared/apitest"
	"postern/shared/gitlab"
	storetenants "postern/shared/store/tenants"
)

const (
	base  = "/api/scim/v2/groups/acme"
	token = "scim-acme"
)

// tenants are two groups with an identity provider each. In acme, mia is the only owner, and rita is in its group Ops,
// which is linked to an access level. In beta, dan has another identity.
const tenants = `{
 "namespaces": [
  {"id": 20, "saml_sso_url": "https://idp.example.com/acme", "saml_default_membership_role": 30},
  {"id": 21, "kind": "group", "path": "beta", "saml_sso_url": "https://idp.example.com/beta"},
  {"id": 23, "kind": "group", "path": "web", "parent_id": 20}],
 "members": [
  {"user_id": 12, "namespace_id": 20, "access_level": 50}, {"user_id": 12, "namespace_id": 21, "access_level": 50},
  {"user_id": 13, "namespace_id": 20, "access_level": 30}, {"user_id": 13, "namespace_id": 23, "access_level": 40}],
 "saml_group_links": [{"namespace_id": 20, "saml_group_name": "Ops", "access_level": 40}],
 "scim_tokens": [
  {"namespace_id": 20, "token": "scim-acme"}, {"namespace_id": 21, "token": "scim-beta"}, {"namespace_id": null, "token": "scim-inst"}],
 "scim_identities": [
  {"namespace_id": 20, "extern_uid": "u-dan", "user_id": 13}, {"namespace_id": 20, "extern_uid": "u-rita", "user_id": 14},
  {"namespace_id": 20, "extern_uid": "u-mia", "user_id": 12}, {"namespace_id": 20, "extern_uid": "u-nora", "user_id": 16},
  {"namespace_id": 21, "extern_uid": "u-dan", "user_id": 13}, {"namespace_id": 21, "extern_uid": "u-mia", "user_id": 12}]}`

func mount(d apitest.Deps) http.Handler {
	return groupscim.New(groupscim.Deps{Store: d.Store, HTTP: d.HTTP})
}

// open returns a table with the tenants and the id of acme's group Ops.
func open(t *testing.T, documents ...string) (d apitest.Deps, ops string) {
	t.Helper()
	all := [][]byte{apitest.Fixture(), []byte(tenants)}
	for _, document := range documents {
		all = append(all, []byte(document))
	}
	d = apitest.NewDeps(t, all...)
	g, err := d.Store.CreateSCIMGroup(
		t.Context(), storetenants.SCIMAccess{GroupPath: "acme", Digest: gitlab.TokenDigest(token)},
		storetenants.NewSCIMGroup{DisplayName: "Ops", Members: []string{"u-rita"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return d, g.ID
}

// call is a request. Its path is relative to base unless it begins with /api/.
type call struct {
	method, path, body string
	token              string // empty: acme's
}

func (c call) send(t *testing.T, h http.Handler) *apitest.Answer {
	t.Helper()
	path := c.path
	if !strings.HasPrefix(path, "/api/") {
		path = base + path
	}
	r, err := http.NewRequestWithContext(t.Context(), c.method, path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	if c.token == "" {
		c.token = token
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/scim+json")
	return apitest.Invoke(t, h, r)
}
