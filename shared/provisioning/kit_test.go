package provisioning_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"postern/shared/apitest"
	"postern/shared/httpapi"
	"postern/shared/provisioning"
)

const tenants = `{
 "namespaces": [{"id": 20, "saml_sso_url": "https://idp.example.com/acme"}],
 "members": [{"user_id": 1, "namespace_id": 20, "access_level": 50}],
 "scim_tokens": [{"namespace_id": 20, "token": "scim-acme"}, {"namespace_id": null, "token": "scim-inst"}],
 "scim_identities": [
  {"namespace_id": 20, "extern_uid": "u-dan", "user_id": 13}, {"namespace_id": 20, "extern_uid": "u-rita", "user_id": 14},
  {"namespace_id": 20, "extern_uid": "u/gus ?", "user_id": 15}]}`

// group mounts the routes of groups over a store, which may be another one than the table's.
func group(s provisioning.Store, o httpapi.Options) http.Handler {
	o.Dialect = httpapi.SCIM
	return httpapi.New(provisioning.Routes(provisioning.Groups, s), o)
}

func serve(t *testing.T) *apitest.API {
	t.Helper()
	mount := func(d apitest.Deps) http.Handler { return group(d.Store, d.HTTP) }
	return apitest.Serve(t, mount, apitest.Fixture(), []byte(tenants))
}

// call is a request to the group acme; header has names and values in turn.
type call struct {
	method, path, body string
	header             []string
}

func (c *call) send(t *testing.T, api *apitest.API) *apitest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), c.method, api.URL+"/api/scim/v2/groups/acme"+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer scim-acme")
	if c.body != "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	for i := 0; i+1 < len(c.header); i += 2 {
		r.Header.Set(c.header[i], c.header[i+1])
	}
	return api.Do(t, r)
}

// ids are those of the resources of a list, in its order.
func ids(t *testing.T, got *apitest.Answer) string {
	t.Helper()
	var list struct {
		Resources []struct{ ID, UserName string }
	}
	if err := json.Unmarshal([]byte(got.Body), &list); err != nil {
		t.Fatalf("%s: %v", got.Body, err)
	}
	all := make([]string, len(list.Resources))
	for i, r := range list.Resources {
		all[i] = r.ID
	}
	return strings.Join(all, " ")
}
