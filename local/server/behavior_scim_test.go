package server

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"postern/shared/apitest"
)

// documented is the example of the internal API's documentation.
const documented = `{"externalId":"test_uid","active":null,"userName":"username",
 "emails":[{"primary":true,"type":"work","value":"name@example.com"}],
 "name":{"formatted":"Test User","familyName":"User","givenName":"Test"},
 "schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"meta":{"resourceType":"User"}}`

// The behavior cases of the SCIM families, against the whole system. Those without changes share one system and come first.
func TestBehaviorSCIM(t *testing.T) {
	shared := serve(t, scimFixture)
	cases, order := scimCases(), map[bool]int{true: 1}
	slices.SortStableFunc(cases, func(a, b scimCase) int { return order[a.changes] - order[b.changes] })
	for _, c := range cases {
		t.Run(fmt.Sprintf("case %s: %s", c.number, c.name), func(t *testing.T) {
			api := shared
			if c.changes {
				api = serve(t, scimFixture)
			}
			tally.asked(t, api)
			for i := range c.steps {
				c.steps[i].play(t, api)
			}
		})
	}
}

type scimCase struct {
	number, name string
	changes      bool
	steps        []scimStep
}

func scimCases() []scimCase {
	rejected := func(token, base string, status int) scimStep {
		return scimStep{scimCall: scimCall{token: token, base: base, path: "/Users"}, status: status, like: `"status":"`}
	}
	listed := func(like string, query ...string) scimStep {
		return scimStep{scimCall: scimCall{path: "/Users", query: query}, status: 200, like: like}
	}
	return []scimCase{
		{"K34", "unauthenticated requests", false, []scimStep{
			rejected("-", acme, 401), rejected("nope", acme, 401), rejected("scim-beta", acme, 404),
			rejected("scim-acme", "/api/scim/v2/groups/nowhere", 404), rejected("scim-acme", "/api/scim/v2/groups/plain", 404),
			rejected("scim-inst", acme, 404), rejected("scim-acme", application, 404),
		}},
		{"K35", "list", false, []scimStep{listed(`"itemsPerPage":20`), listed(`"startIndex":1,"totalResults":3}`)}},
		{"K36", "a filter for one resource", false, []scimStep{
			find(`id eq "u-dan"`, 200, `"totalResults":1`), find(`externalId eq "u-dan"`, 200, `"id":"u-dan"`),
			find(`userName eq "DAN"`, 200, `"id":"u-dan"`), find(`userName eq "dan@example.com"`, 200, `"id":"u-dan"`),
			find(`userName eq "u-dan"`, 200, `"id":"u-dan"`), find(`id eq u-dan`, 200, `"id":"u-dan"`),
		}},
		{"K37", "a filter without a match", false, []scimStep{find(`id eq "nonexistent"`, 200, `"Resources":[],"itemsPerPage":20`)}},
		{"K38", "filters without an index", false, []scimStep{
			find(`id ne "u-dan"`, 200, `"totalResults":2`), find(`userName sw "r" and active eq true`, 200, `"totalResults":1`),
			find(`emails[type eq "work" and value co "@example"]`, 200, `"totalResults":3`),
		}},
		{"K39", "malformed filters", false, []scimStep{
			find("blah", 400, "invalidFilter"), find("id zz 1", 400, "invalidFilter"), find(`id eq "u`, 400, "invalidFilter"),
		}},
		{"K40", "pages", false, []scimStep{
			listed(`"startIndex":1,"totalResults":3`, "startIndex", "0"), listed(`"startIndex":1,"totalResults":3`, "startIndex", "-5"),
			listed(`"itemsPerPage":1,"schemas"`, "startIndex", "3", "count", "1"), listed(`"totalResults":3`, "startIndex", "3", "count", "1"),
			listed(`"Resources":[],"itemsPerPage":0`, "count", "0"), listed(`"Resources":[],`, "startIndex", "4"),
		}},
		{"K41", "get", false, []scimStep{read("/Users/u-dan", 200, `"userName":"dan"`), read("/Users/u-none", 404, `"detail":"Resource u-none not found"`)}},
		{"K42", "the documented create, twice", true, []scimStep{
			provision(documented, 201, `"id":"test_uid"`), provision(documented, 201, `"userName":"username"`), listed(`"totalResults":4`),
		}},
		{"K44", "a linked address, and the same in another tenant", true, []scimStep{
			provision(person("u-new", "new", "rita@example.com"), 409, "uniqueness"),
			provision(person("u-new", "new", "rita@example.com"), 201, `"userName":"rita"`).at(beta),
		}},
		{"K45", "missing attributes", false, []scimStep{provision(`{"externalId":"x","name":{"formatted":"X"}}`, 400, "userName, emails")}},
		{"K46", "a taken username", true, []scimStep{provision(person("u-new", "dan", "dan@elsewhere.com"), 201, `"userName":"dan1"`)}},
		{"K49", "another external UID", true, []scimStep{
			change("/Users/u-dan", `{"op":"replace","path":"id","value":"1234abcd"}`, 204, ""),
			read("/Users/u-dan", 404, ""), read("/Users/1234abcd", 200, `"externalId":"1234abcd"`),
			change("/Users/1234abcd", `{"op":"replace","path":"externalId","value":"u-rita"}`, 409, "uniqueness"),
			change("/Users/1234abcd", `{"op":"replace","path":"externalId","value":" "}`, 400, "invalidValue"),
		}},
		{"K50", "immutable attributes", false, []scimStep{
			change("/Users/u-dan", `{"op":"replace","path":"emails[type eq \"work\"].value","value":"x@example.com"}`, 204, ""),
			change("/Users/u-dan", `{"op":"Add","path":"name.formatted","value":"New Name"},{"op":"Replace","path":"userName","value":"x"}`, 204, ""),
			change("/Users/u-dan", `{"op":"replace","value":{"EMAILS":[{"value":"x@example.com"}],"displayName":"X"}}`, 204, ""),
			read("/Users/u-dan", 200, `"value":"dan@example.com"`), read("/Users/u-dan", 200, `"name.formatted":"Dan"`),
			read("/Users/u-dan", 200, `"userName":"dan"`),
		}},
		{"K51", "operations in all their forms", true, []scimStep{
			change("/Users/u-dan", `{"op":"replace","value":{"active":false}}`, 204, ""), read("/Users/u-dan", 200, `"active":false`),
			change("/Users/u-dan", `{"op":"Update","path":"active","value":"true"}`, 204, ""), read("/Users/u-dan", 200, `"active":true`),
			change("/Users/u-dan", `{"op":"explode","path":"active","value":"true"}`, 400, "invalidSyntax"),
			change("/Users/u-dan", `{"op":"replace","path":"a[","value":"true"}`, 400, "invalidPath"),
			change("/Users/u-dan", "", 400, "invalidSyntax"),
		}},
		{"K52", "the last owner", false, []scimStep{
			change("/Users/u-mia", `{"op":"replace","path":"active","value":false}`, 412, `"detail":"Error updating Mia`),
			erase("/Users/u-mia", 412, "Error updating Mia"), read("/Users/u-mia", 200, `"active":true`),
		}},
		{"K53", "deleted and created again", true, []scimStep{
			erase("/Users/u-rita", 204, ""), read("/Users/u-rita", 404, ""), find(`id eq "u-rita"`, 200, `"totalResults":0`), listed(`"totalResults":2`),
			erase("/Users/u-rita", 404, ""), provision(person("u-rita", "other", "rita@example.com"), 201, `"userName":"rita"`),
			erase("/Users/u-rita", 204, ""), change("/Users/u-rita", `{"op":"replace","path":"userName","value":"x"}`, 404, ""),
			change("/Users/u-rita", `{"op":"replace","path":"active","value":true}`, 204, ""), read("/Users/u-rita", 200, `"userName":"rita"`),
		}},
		{"K55", "deleted at the instance", true, []scimStep{
			erase("/Users/i-gus", 204, "").at(application), read("/Users/i-gus", 404, "").at(application),
		}},
		{"K56", "an external UID that looks like a user's id", true, []scimStep{
			read("/Users/13", 404, ""), provision(person("13", "somebody", "somebody@example.com"), 201, `"userName":"somebody"`),
			erase("/Users/13", 204, ""), read("/Users/u-dan", 200, `"active":true`),
		}},
		{"K59", "discovery", false, []scimStep{
			read("/ServiceProviderConfig", 200, `"changePassword":{"supported":false}`), read("/ServiceProviderConfig", 200, `"patch":{"supported":true}`),
			read("/ServiceProviderConfig", 200, `"maxOperations":1000,"maxPayloadSize":1048576`), read("/ServiceProviderConfig", 200, `"etag":{"supported":true}`),
			read("/ResourceTypes", 200, `"totalResults":2`), read("/ResourceTypes/Group", 200, `"endpoint":"/Groups"`), read("/ResourceTypes/Thing", 404, ""),
			read("/Schemas", 200, `"totalResults":2`), read("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", 200, `"name":"User"`),
			read("/Schemas/urn:x", 404, ""), read("/Me", 501, `"status":"501"`),
		}},
		{"K60", "an old version", false, []scimStep{
			{scimCall: scimCall{
				method: http.MethodPatch, path: "/Users/u-dan", header: [2]string{"If-Match", `W/"old"`},
				body: patchOp(`{"op":"replace","path":"active","value":false}`),
			}, status: 412},
			{scimCall: scimCall{method: http.MethodDelete, path: "/Users/u-dan", header: [2]string{"If-Match", `W/"old"`}}, status: 412},
			read("/Users/u-dan", 200, `"active":true`),
		}},
	}
}

// All requests for unknown resources get the same bytes, for every reason.
func TestSCIMAnswersDoNotRevealOtherTenants(t *testing.T) {
	api := serve(t, scimFixture)
	var first string
	for _, c := range []scimCall{
		{token: "scim-beta", base: acme},
		{token: "scim-acme", base: "/api/scim/v2/groups/nowhere"},
		{token: "scim-acme", base: "/api/scim/v2/groups/plain"},
		{token: "scim-inst", base: acme},
		{token: "scim-acme", base: application},
	} {
		c.path = "/Users"
		got := c.send(t, api)
		if first == "" {
			first = got.Body
		}
		if got.Status != 404 || got.Body != first {
			t.Errorf("%s at %s: %d %s, want 404 %s", c.token, c.base, got.Status, got.Body, first)
		}
	}
}

// Cases K43, K47, K48, K53: the next request sees a change by SCIM.
func TestBehaviorSCIMTakesEffectImmediately(t *testing.T) {
	api := serve(t, scimFixture, `{"namespaces":[{"id":20,"verified_domains":["example.com"]}]}`)
	play := func(steps ...scimStep) {
		t.Helper()
		for i := range steps {
			steps[i].play(t, api)
		}
	}
	off, on := `{"op":"Replace","path":"active","value":"False"}`, `{"op":"Replace","path":"active","value":"true"}`

	pulls(t, api, 102, 200, `"status":true`)
	play(change("/Users/u-dan", off, 204, ""))
	pulls(t, api, 102, 404, "")
	play(change("/Users/u-dan", on, 204, ""))
	pulls(t, api, 102, 200, `"status":true`)
	play(erase("/Users/u-dan", 204, ""))
	pulls(t, api, 102, 404, "")
	play(provision(person("u-dan", "dan", "dan@example.com"), 201, `"userName":"dan"`))
	pulls(t, api, 102, 200, `"status":true`)

	play(provision(documented, 201, `"userName":"username"`))
	if got := get("discover", "username", "username")(t, api); !strings.Contains(got.Body, `"name":"Test User"`) {
		t.Errorf("discover: %s", got.Body)
	}
	apitest.Apply(t, api.Store, fmt.Appendf(nil, `{"keys":[{"id":900,"user_id":%s,"title":"new","key":%q}]}`, userID(t, api, "username"), newKey(t)))
	if got := shell(900, "receive-pack", "acme/app")(t, api); got.Status != 200 {
		t.Errorf("a developer of acme pushes: %d %s", got.Status, got.Body)
	}
}

// userID returns the id of a user.
func userID(t *testing.T, api *apitest.API, username string) string {
	t.Helper()
	var user struct{ ID json.Number }
	if err := json.Unmarshal([]byte(get("discover", "username", username)(t, api).Body), &user); err != nil {
		t.Fatal(err)
	}
	return user.ID.String()
}

// newKey returns a public key that is in no document.
func newKey(t *testing.T) string {
	t.Helper()
	public, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
}

// Cases K54 and K55: the instance blocks the account.
func TestBehaviorSCIMOfTheInstance(t *testing.T) {
	api := serve(t, scimFixture)
	const blocked = "Your account has been blocked."
	off, on := `{"op":"replace","path":"active","value":false}`, `{"op":"replace","path":"active","value":true}`
	play := func(s scimStep) {
		t.Helper()
		s = s.at(application)
		s.play(t, api)
	}
	gus := func(status int, like string) {
		t.Helper()
		got := shell(104, "upload-pack", "acme/pub")(t, api)
		if got.Status != status || !strings.Contains(got.Body, like) {
			t.Errorf("gus pulls: %d %s, want %d with %q", got.Status, got.Body, status, like)
		}
	}
	gus(200, "")
	play(change("/Users/i-gus", off, 204, ""))
	gus(401, blocked)
	play(read("/Users/i-gus", 200, `"active":false`))
	play(change("/Users/i-gus", on, 204, ""))
	gus(200, "")
	play(erase("/Users/i-gus", 204, ""))
	gus(401, blocked)
	play(read("/Users/i-gus", 404, ""))
	play(provision(person("i-gus", "gus", "gus@example.com"), 201, `"userName":"gus"`))
	gus(200, "")

	apitest.Apply(t, api.Store, []byte(`{"users":[{"id":15,"state":"blocked"}]}`))
	play(change("/Users/i-gus", on, 412, "blocked by an administrator"))
	gus(401, blocked)
}

// Case K57: of many concurrent creates one makes the user, and each gets the existing one.
func TestBehaviorSCIMCreatesConcurrently(t *testing.T) {
	api := serve(t, scimFixture)
	for name, body := range map[string]func(i int) string{
		"one external UID": func(i int) string { return person("u-same", fmt.Sprintf("same%d", i), "same@elsewhere.com") },
		"one address":      func(i int) string { return person(fmt.Sprintf("u-%d", i), "alike", "alike@elsewhere.com") },
	} {
		t.Run(name, func(t *testing.T) {
			var wg sync.WaitGroup
			statuses := make([]int, 200)
			for i := range statuses {
				wg.Go(func() {
					step := scimCall{method: http.MethodPost, path: "/Users", body: body(i)}
					statuses[i] = step.send(t, api).Status
				})
			}
			wg.Wait()
			made := 0
			for _, status := range statuses {
				if made += map[bool]int{true: 1}[status == 201]; status != 201 && status != 409 {
					t.Errorf("status %d", status)
				}
			}
			if made == 0 || name == "one address" && made != 1 {
				t.Errorf("%d of 200 creates answered 201", made)
			}
		})
	}
	for filter, like := range map[string]string{`userName sw "same"`: `"totalResults":1`, `userName sw "alike"`: `"totalResults":1`} {
		step := find(filter, 200, like)
		step.play(t, api)
	}
}

// Case K58: a group of the identity provider gives its members the access level of its SAML group link.
func TestBehaviorSCIMGroups(t *testing.T) {
	api := serve(t, scimFixture, `{"saml_group_links":[{"namespace_id":20,"saml_group_name":"Ops","access_level":40}]}`)
	made := (&scimStep{
		scimCall: scimCall{method: http.MethodPost, path: "/Groups", body: `{"displayName":"Ops"}`}, status: 201, like: `"displayName":"Ops"`,
	}).play(t, api)
	id, _ := made.Object()["id"].(string)
	pushes := func(status int) {
		t.Helper()
		if got := shell(103, "receive-pack", "acme/app")(t, api); got.Status != status {
			t.Errorf("rita pushes: %d %s, want %d", got.Status, got.Body, status)
		}
	}
	pushes(401) // reporter
	for i, s := range []scimStep{
		change("/Groups/"+id, `{"op":"Add","path":"members","value":[{"value":"u-rita"}]}`, 204, ""),
		read("/Groups/"+id, 200, `"value":"u-rita"`),
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) { s.play(t, api) })
	}
	pushes(200)
	for _, s := range []scimStep{
		change("/Groups/"+id, `{"op":"Remove","path":"members","value":[{"value":"u-dan"}]}`, 204, ""),
		change("/Groups/"+id, `{"op":"Add","path":"members","value":[{"value":"u-nobody"}]}`, 400, "invalidValue"),
	} {
		s.play(t, api)
	}
	pushes(200)
	remove := change("/Groups/"+id, `{"op":"Remove","path":"members","value":[{"value":"u-rita"}]}`, 204, "")
	remove.play(t, api)
	pushes(401)
}
