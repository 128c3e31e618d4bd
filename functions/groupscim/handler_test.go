package groupscim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"postern/shared/apitest"
	"postern/shared/gitlab"
	"postern/shared/lambdahttp"
)

// patch returns the body of a PATCH with one operation.
func patch(operation string) string { return `{"Operations":[` + operation + `]}` }

// bulk returns a bulk request with one operation; data may be empty.
func bulk(method, path, data string) call {
	operation := fmt.Sprintf(`{"method":%q,"path":%q`, method, path)
	if data != "" {
		operation += `,"data":` + data
	}
	return call{method: "POST", path: "/Bulk", body: patch(operation + "}")}
}

const deactivate = `{"op":"replace","path":"active","value":false}`

// A deactivated or deleted user loses all access in the group and its subgroups at once. Access in other tenants stays.
func TestDeactivatedUserLosesAccess(t *testing.T) {
	rows := []struct {
		name string
		call
		status int
	}{
		{"deactivated by PATCH", call{method: "PATCH", path: "/Users/u-dan", body: patch(deactivate)}, 204},
		{"deactivated by PATCH without a path", call{method: "PATCH", path: "/Users/u-dan", body: patch(`{"op":"Replace","value":{"active":"False"}}`)}, 204},
		{"deactivated by PUT", call{method: "PUT", path: "/Users/u-dan", body: `{"userName":"dan","active":false}`}, 200},
		{"deactivated in bulk", bulk("PATCH", "/Users/u-dan", patch(deactivate)), 200},
		{"deleted", call{method: "DELETE", path: "/Users/u-dan"}, 204},
		{"deleted in bulk", bulk("DELETE", "/Users/u-dan", ""), 200},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d, _ := open(t)
			if had := d.Level(t, 13, "acme/app"); had != gitlab.Developer {
				t.Fatalf("dan holds %d before", had)
			}
			if got := row.send(t, mount(d)); got.Status != row.status || strings.Contains(got.Body, "detail") {
				t.Fatalf("%d %s, want %d", got.Status, got.Body, row.status)
			}
			if has := d.Level(t, 13, "acme/app"); has != gitlab.NoAccess {
				t.Errorf("dan holds %d", has)
			}
			elsewhere := call{method: "GET", path: "/api/scim/v2/groups/beta/Users/u-dan", token: "scim-beta"}
			if got := elsewhere.send(t, mount(d)); got.Status != 200 || !strings.Contains(got.Body, `"active":true`) {
				t.Errorf("dan in beta: %d %s", got.Status, got.Body)
			}
		})
	}
}

// Rita has access level 40 through the group Ops, and 20 as a direct member.
func TestLeavingGroupRemovesItsAccess(t *testing.T) {
	const own, linked = gitlab.Reporter, gitlab.Maintainer
	rows := []struct {
		name   string
		method string
		body   string
		status int
		want   gitlab.AccessLevel
	}{
		{"removed by id filter", "PATCH", patch(`{"op":"remove","path":"members[value eq \"u-rita\"]"}`), 204, own},
		{"removed by prefix filter", "PATCH", patch(`{"op":"remove","path":"members[value sw \"u-r\"]"}`), 204, own},
		{"removed by value", "PATCH", patch(`{"op":"Remove","path":"members","value":[{"value":"u-rita"}]}`), 204, own},
		{"replaced by other members", "PATCH", patch(`{"op":"replace","path":"members","value":[{"value":"u-dan"}]}`), 204, own},
		{"missing in a full list", "PUT", `{"displayName":"Ops","members":[{"value":"u-dan"}]}`, 200, own},
		{"list of members missing", "PUT", `{"displayName":"Ops"}`, 200, linked},
		{"group renamed", "PUT", `{"displayName":"Others"}`, 200, own},
		{"case of the name changed", "PUT", `{"displayName":"OPS"}`, 200, own},
		{"group deleted", "DELETE", "", 204, own},
		{"another member removed", "PATCH", patch(`{"op":"remove","path":"members[value eq \"u-dan\"]"}`), 204, linked},
		{"replaced by an unknown member", "PATCH", patch(`{"op":"replace","path":"members","value":[{"value":"u-unknown"}]}`), 400, linked},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d, ops := open(t)
			if has := d.Level(t, 14, "acme/app"); has != linked {
				t.Fatalf("rita holds %d before", has)
			}
			got := call{method: row.method, path: "/Groups/" + ops, body: row.body}.send(t, mount(d))
			if has := d.Level(t, 14, "acme/app"); got.Status != row.status || has != row.want {
				t.Errorf("%d %s, and rita holds %d, want %d and %d", got.Status, got.Body, has, row.status, row.want)
			}
		})
	}
}

// The last active owner cannot be deactivated or deleted.
func TestLastOwnerStays(t *testing.T) {
	const second = `{"members":[{"user_id":16,"namespace_id":20,"access_level":50}]}`
	ways := map[string]call{
		"PATCH":          {method: "PATCH", path: "/Users/u-mia", body: patch(deactivate)},
		"PUT":            {method: "PUT", path: "/Users/u-mia", body: `{"active":false}`},
		"DELETE":         {method: "DELETE", path: "/Users/u-mia"},
		"DELETE in bulk": bulk("DELETE", "/Users/u-mia", ""),
	}
	rows := []struct {
		name      string
		documents []string
		leaves    bool
	}{
		{"no other owner", nil, false},
		{"the other owner is blocked", []string{second, `{"users":[{"id":16,"state":"blocked"}]}`}, false},
		{"the other owner's membership has expired", []string{second, `{"members":[{"user_id":16,"namespace_id":20,"expires_at":"2020-01-01"}]}`}, false},
		{"the other owner is in a subgroup", []string{`{"members":[{"user_id":16,"namespace_id":23,"access_level":50}]}`}, false},
		{"another owner", []string{second}, true},
	}
	for way, c := range ways {
		for _, row := range rows {
			t.Run(way+", "+row.name, func(t *testing.T) {
				t.Parallel()
				d, _ := open(t, row.documents...)
				got := c.send(t, mount(d))
				refused := got.Status == http.StatusPreconditionFailed || strings.Contains(got.Body, `"status":"412"`)
				if refused == row.leaves || refused && !strings.Contains(got.Body, "last owner") {
					t.Errorf("%d %s", got.Status, got.Body)
				}
				if has := d.Level(t, 12, "acme/app"); (has == gitlab.Owner) == row.leaves {
					t.Errorf("mia holds %d", has)
				}
			})
		}
	}
}

// A token is valid for its group under the current path, and never reaches other tenants.
func TestTokenOpensItsGroupOnly(t *testing.T) {
	const users = "/Users/u-rita"
	rows := []struct {
		name, document string
		call
		status int
	}{
		{"the path", `{}`, call{method: "GET", path: users}, 200},
		{"the path in other case", `{}`, call{method: "GET", path: "/api/scim/v2/groups/ACME" + users}, 200},
		{"the id as path", `{}`, call{method: "GET", path: "/api/scim/v2/groups/20" + users}, 404},
		{"a subgroup", `{}`, call{method: "GET", path: "/api/scim/v2/groups/acme%2Fweb" + users}, 404},
		{"the last segment of a subgroup", `{}`, call{method: "GET", path: "/api/scim/v2/groups/web" + users}, 404},
		{
			"the old path, now used by another group", `{"namespaces":[{"id":20,"path":"apex"},{"id":21,"path":"acme"}]}`,
			call{method: "GET", path: users},
			404,
		},
		{"a moved group", `{"namespaces":[{"id":20,"parent_id":21}]}`, call{method: "GET", path: users}, 404},
		{"a group without SSO", `{"namespaces":[{"id":20,"saml_enabled":false}]}`, call{method: "POST", path: "/Bulk", body: patch("")}, 404},
		{"the instance without SSO", `{"instance":{"saml_enabled":false}}`, call{method: "GET", path: users}, 200},
		{"another tenant's group by its id", `{}`, call{method: "GET", path: "/api/scim/v2/groups/beta/Groups/{ops}", token: "scim-beta"}, 404},
		{
			"a member of another tenant", `{"scim_identities":[{"namespace_id":21,"extern_uid":"b-gus","user_id":15}]}`,
			call{method: "PATCH", path: "/Groups/{ops}", body: patch(`{"op":"add","path":"members","value":[{"value":"b-gus"}]}`)},
			400,
		},
		{"a filter on a discovery endpoint", `{}`, call{method: "GET", path: "/Schemas?filter=id+pr"}, 403},
		{"a filter on a discovery endpoint with another tenant's token", `{}`, call{method: "GET", path: "/Schemas?filter=id+pr", token: "scim-beta"}, 404},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d, ops := open(t)
			apitest.Apply(t, d.Store, []byte(row.document))
			row.path = strings.ReplaceAll(row.path, "{ops}", ops)
			if got := row.send(t, mount(d)); got.Status != row.status {
				t.Errorf("%d %s, want %d", got.Status, got.Body, row.status)
			} else if row.status >= 400 {
				apitest.CheckSCIMError(t, got)
			}
		})
	}
}

// A malformed event is rejected with a SCIM error.
func TestMalformedEventIsRejected(t *testing.T) {
	d, _ := open(t)
	for name, event := range map[string]string{
		"malformed JSON":        `{`,
		"malformed base64":      `{"path":"` + base + `/Users","httpMethod":"POST","body":"%","isBase64Encoded":true}`,
		"an incomplete escape":  `{"path":"` + base + `/Users/%4","httpMethod":"GET"}`,
		"a method with a space": `{"path":"` + base + `/Users","httpMethod":"G T"}`,
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := lambdahttp.Entry(mount(d)).Invoke(t.Context(), []byte(event))
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				StatusCode        int
				MultiValueHeaders http.Header
				Body              string
			}
			if err := json.Unmarshal(raw, &got); err != nil || got.StatusCode != http.StatusBadRequest {
				t.Fatalf("%s, %v, want 400", raw, err)
			}
			apitest.CheckSCIMError(t, &apitest.Answer{Status: got.StatusCode, Header: got.MultiValueHeaders, Body: got.Body})
		})
	}
}

// Concurrent changes of one group all take effect, after retries of those with 503.
func TestConcurrentGroupChangesAllApply(t *testing.T) {
	d, ops := open(t)
	const n = 8
	for i := range n {
		body := fmt.Sprintf(`{"externalId":"p-%[1]d","userName":"p%[1]d","emails":[{"value":"p%[1]d@elsewhere.com"}],"name":{"formatted":"P"}}`, i)
		if got := (call{method: "POST", path: "/Users", body: body}).send(t, mount(d)); got.Status != 201 {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	first, second := mount(d), mount(d)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			handler := map[bool]http.Handler{true: first, false: second}[i%2 == 0]
			steps := []string{`{"op":"add","path":"members","value":[{"value":"p-%d"}]}`}
			if i%4 == 0 {
				steps = append(steps, `{"op":"remove","path":"members[value eq \"p-%d\"]"}`)
			}
			for _, step := range steps {
				c := call{method: "PATCH", path: "/Groups/" + ops, body: patch(fmt.Sprintf(step, i))}
				got := c.send(t, handler)
				for tries := 0; got.Status == http.StatusServiceUnavailable && tries < 50; tries++ {
					got = c.send(t, handler)
				}
				if got.Status != http.StatusNoContent {
					t.Errorf("%s: %d %s", c.body, got.Status, got.Body)
				}
			}
		})
	}
	wg.Wait()
	got := call{method: "GET", path: "/Groups/" + ops}.send(t, mount(d))
	for i := range n {
		if is := strings.Contains(got.Body, fmt.Sprintf(`"value":"p-%d"`, i)); is == (i%4 == 0) {
			t.Errorf("p-%d is a member: %v, in %s", i, is, got.Body)
		}
	}
}
