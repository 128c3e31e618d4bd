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

// tenants are the instance with its identity provider, and the group beta with one of its own. Mia is the only owner of either
// group; Ops is linked to a level in both.
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

// call is a request to the instance; token empty is its own.
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

// bulk is a bulk request of one operation.
func bulk(operation string) call {
	return call{method: "POST", path: "/Bulk", body: `{"Operations":[` + operation + `]}`}
}

// person loads a user in a process that remembers nothing.
func person(t *testing.T, d apitest.Deps, id gitlab.ID) gitlab.User {
	t.Helper()
	actor, err := store.New(d.Table.Client, d.Table.Name, time.Now).LoadActor(t.Context(), gitlab.ActorRef{Kind: gitlab.ByUser, ID: id})
	if err != nil || actor.User == nil {
		t.Fatalf("load user %d: %v", id, err)
	}
	return *actor.User
}

// Whichever way an account goes, it is blocked from the next request on, an only owner's, too; whichever way it comes back, it is
// what it was.
func TestAccountsAreBlockedAndComeBack(t *testing.T) {
	const again = `{"externalId":"i-mia","userName":"mia","emails":[{"value":"mia@example.com"}],"name":{"formatted":"Mia"}}`
	rows := []struct {
		name       string
		goes, back call
		statuses   string
	}{
		{"by a PATCH", call{method: "PATCH", path: "/Users/i-mia", body: off}, call{method: "PATCH", path: "/Users/i-mia", body: on}, "204 204"},
		{"by a PUT", call{method: "PUT", path: "/Users/i-mia", body: `{"active":false}`}, call{method: "PUT", path: "/Users/i-mia", body: `{"active":"True"}`}, "200 200"},
		{"deleted and created", call{method: "DELETE", path: "/Users/i-mia"}, call{method: "POST", path: "/Users", body: again}, "204 201"},
		{"deleted and activated", call{method: "DELETE", path: "/Users/i-mia"}, call{method: "PATCH", path: "/Users/i-mia", body: on}, "204 204"},
		{
			"among many", bulk(`{"method":"PATCH","path":"/Users/i-mia","data":` + off + `}`),
			bulk(`{"method":"POST","path":"/Users","bulkId":"m","data":` + again + `}`), "200 200",
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			first := row.goes.send(t, mount(d))
			if state := person(t, d, 12).State; state != gitlab.UserBlocked {
				t.Errorf("%d %s, and mia is %s", first.Status, first.Body, state)
			}
			second := row.back.send(t, mount(d))
			if state := person(t, d, 12).State; state != gitlab.UserActive {
				t.Errorf("%d %s, and mia is %s", second.Status, second.Body, state)
			}
			if got := fmt.Sprint(first.Status, " ", second.Status); got != row.statuses {
				t.Errorf("%s, want %s", got, row.statuses)
			}
		})
	}
}

// Whom somebody else has blocked, an identity provider does not let in, whatever it sends.
func TestWhoIsBlockedBySomebodyElseStays(t *testing.T) {
	const bill = `{"externalId":"i-bill","userName":"bill","emails":[{"value":"bill@example.com"}],"name":{"formatted":"Bill"}}`
	for name, calls := range map[string][]call{
		"by a PATCH":                {{method: "PATCH", path: "/Users/i-bill", body: on}},
		"by a PUT":                  {{method: "PUT", path: "/Users/i-bill", body: `{"active":true}`}},
		"created again":             {{method: "POST", path: "/Users", body: bill}},
		"off and on":                {{method: "PATCH", path: "/Users/i-bill", body: off}, {method: "PATCH", path: "/Users/i-bill", body: on}},
		"deleted and activated":     {{method: "DELETE", path: "/Users/i-bill"}, {method: "PATCH", path: "/Users/i-bill", body: on}},
		"deleted and created again": {{method: "DELETE", path: "/Users/i-bill"}, {method: "POST", path: "/Users", body: bill}},
		"among many":                {bulk(`{"method":"PATCH","path":"/Users/i-bill","data":` + on + `}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			var last *apitest.Answer
			for _, c := range calls {
				last = c.send(t, mount(d))
			}
			if state := person(t, d, 17).State; state != gitlab.UserBlocked {
				t.Errorf("%d %s, and bill is %s", last.Status, last.Body, state)
			}
			if last.Status < 400 && !strings.Contains(last.Body, `"status":"412"`) && !strings.Contains(last.Body, `"active":false`) {
				t.Errorf("%d %s says that he is let in", last.Status, last.Body)
			}
		})
	}
}

// The instance's provider sees its own identities, behind its own token, and only while the instance has SSO.
func TestTheInstanceIsATenantOfItsOwn(t *testing.T) {
	rows := []struct {
		name, document string
		call
		status int
	}{
		{"its own", `{}`, call{method: "GET", path: "/Users/i-dan"}, 200},
		{"a group's identity", `{}`, call{method: "GET", path: "/Users/u-rita"}, 404},
		{"a group's identity to be deleted", `{}`, call{method: "DELETE", path: "/Users/u-rita"}, 404},
		{"a group's identity as a member", `{}`, call{method: "POST", path: "/Groups", body: `{"displayName":"Dev","members":[{"value":"u-rita"}]}`}, 400},
		{"a group's token", `{}`, call{method: "GET", path: "/Users/u-rita", token: "scim-beta"}, 404},
		{"no SSO", `{"instance":{"saml_enabled":false}}`, call{method: "GET", path: "/Users/i-dan"}, 404},
		{"no SSO, and a request that makes no sense", `{"instance":{"saml_enabled":false}}`, call{method: "POST", path: "/Users", body: `{}`}, 404},
		{"a disabled token", `{"scim_tokens":[{"namespace_id":null,"token":"scim-inst","enabled":false}]}`, call{method: "GET", path: "/Users/i-dan"}, 404},
		{"another token", `{"scim_tokens":[{"namespace_id":null,"token":"scim-new"}]}`, call{method: "GET", path: "/Users/i-dan"}, 401},
		{"the other token", `{"scim_tokens":[{"namespace_id":null,"token":"scim-new"}]}`, call{method: "GET", path: "/Users/i-dan", token: "scim-new"}, 200},
		{"no path of groups", `{}`, call{method: "GET", path: "/acme/Users"}, 404},
		{"a verb that there is not", `{}`, call{method: "POST", path: "/Users/i-dan"}, 405},
		{"a filter on what the service says of itself", `{}`, call{method: "GET", path: "/ResourceTypes/User?filter=id+pr"}, 403},
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
				told(t, got)
			}
		})
	}
}

// told holds an answer against the error message of RFC 7644 section 3.12, which tells nothing of what is behind it.
func told(t *testing.T, got *apitest.Answer) {
	t.Helper()
	body := got.Object()
	if body["status"] != fmt.Sprint(got.Status) || body["detail"] == "" || strings.Contains(got.Body, "10.0.0.1") ||
		got.Header.Get("Content-Type") != "application/scim+json" {
		t.Errorf("%s as %s is no error message", got.Body, got.Header.Get("Content-Type"))
	}
}

// The instance's groups count below top-level groups without a provider of their own, and nowhere else; and an account that is
// blocked has nothing by them.
func TestTheInstancesGroups(t *testing.T) {
	d := open(t)
	made := call{method: "POST", path: "/Groups", body: `{"displayName":"Ops","members":[{"value":"i-dan"}]}`}.send(t, mount(d))
	id, _ := made.Object()["id"].(string)
	if made.Status != 201 || id == "" {
		t.Fatalf("%d %s", made.Status, made.Body)
	}
	check := func(path string, want gitlab.AccessLevel) {
		t.Helper()
		fresh := store.New(d.Table.Client, d.Table.Name, time.Now)
		c, err := fresh.LoadPushContext(t.Context(), store.PushQuery{Actor: gitlab.ActorRef{Kind: gitlab.ByUser, ID: 13}, Path: path, Push: true})
		if err != nil {
			t.Fatal(err)
		}
		held := gitlab.NoAccess
		for i := range c.Members {
			held = max(held, c.Members[i].Level(time.Now()))
		}
		if held != want {
			t.Errorf("dan holds %d in %s, want %d", held, path, want)
		}
	}
	check("acme/app", gitlab.Maintainer)
	check("beta/lib", gitlab.NoAccess)
	apitest.Apply(t, d.Store, []byte(`{"namespaces":[{"id":20,"saml_sso_url":"https://idp.example.com/acme"}]}`))
	check("acme/app", gitlab.Developer) // his own
	apitest.Apply(t, d.Store, []byte(`{"namespaces":[{"id":20,"saml_sso_url":null}]}`))
	if got := (call{method: "DELETE", path: "/Users/i-dan"}).send(t, mount(d)); got.Status != 204 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	check("acme/app", gitlab.Developer)
	if got := (call{method: "GET", path: "/Groups/" + id}).send(t, mount(d)); got.Status != 200 || strings.Contains(got.Body, "i-dan") {
		t.Errorf("a deleted identity is a member: %d %s", got.Status, got.Body)
	}
}
