package instancescim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/functions/instancescim"
	"postern/shared/apitest"
	"postern/shared/gitlab"
	"postern/shared/store"
)

const base = "/api/scim/v2/application"

// tenants are the instance and the group beta, with an identity provider each. Mia is the only owner of both groups; Ops
// is linked to an access level in both.
const tenants = `{
 "namespaces": [{"id": 21, "kind": "group", "path": "beta", "saml_sso_url": "https://idp.example.com/beta"}],
 "projects": [{"id": 31, "namespace_id": 21, "path": "lib"}],
 "members": [{"user_id": 12, "namespace_id": 20, "access_level": 50}, {"user_id": 12, "namespace_id": 21, "access_level": 50}],
 "saml_group_links": [
  {"namespace_id": 20, "saml_group_name": "Ops", "access_level": 40}, {"namespace_id": 21, "saml_group_name": "Ops", "access_level": 40}],
 "scim_tokens": [{"namespace_id": 21, "token": "scim-beta"}, {"namespace_id": null, "token": "scim-inst"}],
 "scim_identities": [
  {"extern_uid": "i-mia", "user_id": 12}, {"extern_uid": "i-dan", "user_id": 13}, {"extern_uid": "i-bill", "user_id": 17},
  {"namespace_id": 21, "extern_uid": "u-rita", "user_id": 14}]}`

func mount(d apitest.Deps) http.Handler {
	return instancescim.New(instancescim.Deps{Store: d.Store, HTTP: d.HTTP})
}

func open(t *testing.T, documents ...string) apitest.Deps {
	t.Helper()
	all := [][]byte{apitest.Fixture(), []byte(tenants)}
	for _, document := range documents {
		all = append(all, []byte(document))
	}
	return apitest.NewDeps(t, all...)
}

// call is a request. An empty token stands for the instance's own.
type call struct{ method, path, body, token string }

func (c call) send(t *testing.T, h http.Handler) *apitest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	if c.token == "" {
		c.token = "scim-inst"
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/scim+json")
	return apitest.Invoke(t, h, r)
}

const (
	off = `{"Operations":[{"op":"replace","path":"active","value":false}]}`
	on  = `{"Operations":[{"op":"replace","path":"active","value":true}]}`
)

// bulk returns a bulk request with one operation.
func bulk(operation string) call {
	return call{method: "POST", path: "/Bulk", body: `{"Operations":[` + operation + `]}`}
}

// user loads a user without cached hints.
func user(t *testing.T, d apitest.Deps, id gitlab.ID) gitlab.User {
	t.Helper()
	actor, err := store.New(d.Table.Client, d.Table.Name, time.Now).LoadActor(t.Context(), gitlab.ActorRef{Kind: gitlab.ByUser, ID: id})
	if err != nil || actor.User == nil {
		t.Fatalf("load user %d: %v", id, err)
	}
	return *actor.User
}

// A deactivated account is blocked at once, even that of an only owner. A reactivated account gets its former state.
func TestDeactivatedAccountIsRestored(t *testing.T) {
	const again = `{"externalId":"i-mia","userName":"mia","emails":[{"value":"mia@example.com"}],"name":{"formatted":"Mia"}}`
	rows := []struct {
		name       string
		goes, back call
		statuses   string
	}{
		{"PATCH", call{method: "PATCH", path: "/Users/i-mia", body: off}, call{method: "PATCH", path: "/Users/i-mia", body: on}, "204 204"},
		{"PUT", call{method: "PUT", path: "/Users/i-mia", body: `{"active":false}`}, call{method: "PUT", path: "/Users/i-mia", body: `{"active":"True"}`}, "200 200"},
		{"deleted and created", call{method: "DELETE", path: "/Users/i-mia"}, call{method: "POST", path: "/Users", body: again}, "204 201"},
		{"deleted and activated", call{method: "DELETE", path: "/Users/i-mia"}, call{method: "PATCH", path: "/Users/i-mia", body: on}, "204 204"},
		{
			"in bulk", bulk(`{"method":"PATCH","path":"/Users/i-mia","data":` + off + `}`),
			bulk(`{"method":"POST","path":"/Users","bulkId":"m","data":` + again + `}`), "200 200",
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			first := row.goes.send(t, mount(d))
			if state := user(t, d, 12).State; state != gitlab.UserBlocked {
				t.Errorf("%d %s, and mia is %s", first.Status, first.Body, state)
			}
			second := row.back.send(t, mount(d))
			if state := user(t, d, 12).State; state != gitlab.UserActive {
				t.Errorf("%d %s, and mia is %s", second.Status, second.Body, state)
			}
			if got := fmt.Sprint(first.Status, " ", second.Status); got != row.statuses {
				t.Errorf("%s, want %s", got, row.statuses)
			}
		})
	}
}

// An identity provider cannot unblock an account that an administrator has blocked.
func TestProviderCannotUnblockAccount(t *testing.T) {
	const bill = `{"externalId":"i-bill","userName":"bill","emails":[{"value":"bill@example.com"}],"name":{"formatted":"Bill"}}`
	for name, calls := range map[string][]call{
		"PATCH":                     {{method: "PATCH", path: "/Users/i-bill", body: on}},
		"PUT":                       {{method: "PUT", path: "/Users/i-bill", body: `{"active":true}`}},
		"created again":             {{method: "POST", path: "/Users", body: bill}},
		"off and on":                {{method: "PATCH", path: "/Users/i-bill", body: off}, {method: "PATCH", path: "/Users/i-bill", body: on}},
		"deleted and activated":     {{method: "DELETE", path: "/Users/i-bill"}, {method: "PATCH", path: "/Users/i-bill", body: on}},
		"deleted and created again": {{method: "DELETE", path: "/Users/i-bill"}, {method: "POST", path: "/Users", body: bill}},
		"in bulk":                   {bulk(`{"method":"PATCH","path":"/Users/i-bill","data":` + on + `}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			var last *apitest.Answer
			for _, c := range calls {
				last = c.send(t, mount(d))
			}
			if state := user(t, d, 17).State; state != gitlab.UserBlocked {
				t.Errorf("%d %s, and bill is %s", last.Status, last.Body, state)
			}
			if last.Status < 400 && !strings.Contains(last.Body, `"status":"412"`) && !strings.Contains(last.Body, `"active":false`) {
				t.Errorf("%d %s reports an active user", last.Status, last.Body)
			}
		})
	}
}

// The instance's provider reaches its own identities only, with its own token, and only while the instance has SSO.
func TestInstanceIsSeparateTenant(t *testing.T) {
	rows := []struct {
		name, document string
		call
		status int
	}{
		{"its own identity", `{}`, call{method: "GET", path: "/Users/i-dan"}, 200},
		{"a group's identity", `{}`, call{method: "GET", path: "/Users/u-rita"}, 404},
		{"a group's identity in a deletion", `{}`, call{method: "DELETE", path: "/Users/u-rita"}, 404},
		{"a group's identity as a member", `{}`, call{method: "POST", path: "/Groups", body: `{"displayName":"Dev","members":[{"value":"u-rita"}]}`}, 400},
		{"a group's token", `{}`, call{method: "GET", path: "/Users/u-rita", token: "scim-beta"}, 404},
		{"no SSO", `{"instance":{"saml_enabled":false}}`, call{method: "GET", path: "/Users/i-dan"}, 404},
		{"no SSO and an invalid request", `{"instance":{"saml_enabled":false}}`, call{method: "POST", path: "/Users", body: `{}`}, 404},
		{"a disabled token", `{"scim_tokens":[{"namespace_id":null,"token":"scim-inst","enabled":false}]}`, call{method: "GET", path: "/Users/i-dan"}, 404},
		{"a replaced token", `{"scim_tokens":[{"namespace_id":null,"token":"scim-new"}]}`, call{method: "GET", path: "/Users/i-dan"}, 401},
		{"the new token", `{"scim_tokens":[{"namespace_id":null,"token":"scim-new"}]}`, call{method: "GET", path: "/Users/i-dan", token: "scim-new"}, 200},
		{"a path of groups", `{}`, call{method: "GET", path: "/acme/Users"}, 404},
		{"an unsupported method", `{}`, call{method: "POST", path: "/Users/i-dan"}, 405},
		{"a filter on a discovery endpoint", `{}`, call{method: "GET", path: "/ResourceTypes/User?filter=id+pr"}, 403},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, row.document)
			got := row.send(t, mount(d))
			if got.Status != row.status {
				t.Errorf("%d %s, want %d", got.Status, got.Body, row.status)
			}
			if row.status >= 400 {
				apitest.CheckSCIMError(t, got)
			}
		})
	}
}

// The instance's groups give access only in top-level groups without their own provider. A blocked account gets no access
// from them.
func TestInstanceGroupsGiveAccess(t *testing.T) {
	d := open(t)
	created := call{method: "POST", path: "/Groups", body: `{"displayName":"Ops","members":[{"value":"i-dan"}]}`}.send(t, mount(d))
	id, _ := created.Object()["id"].(string)
	if created.Status != 201 || id == "" {
		t.Fatalf("%d %s", created.Status, created.Body)
	}
	check := func(path string, want gitlab.AccessLevel) {
		t.Helper()
		if held := d.Level(t, 13, path); held != want {
			t.Errorf("dan holds %d in %s, want %d", held, path, want)
		}
	}
	check("acme/app", gitlab.Maintainer)
	check("beta/lib", gitlab.NoAccess)
	apitest.Apply(t, d.Store, []byte(`{"namespaces":[{"id":20,"saml_sso_url":"https://idp.example.com/acme"}]}`))
	check("acme/app", gitlab.Developer) // direct membership
	apitest.Apply(t, d.Store, []byte(`{"namespaces":[{"id":20,"saml_sso_url":null}]}`))
	if got := (call{method: "DELETE", path: "/Users/i-dan"}).send(t, mount(d)); got.Status != 204 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	check("acme/app", gitlab.Developer)
	if got := (call{method: "GET", path: "/Groups/" + id}).send(t, mount(d)); got.Status != 200 || strings.Contains(got.Body, "i-dan") {
		t.Errorf("a deleted identity is a member: %d %s", got.Status, got.Body)
	}
}
