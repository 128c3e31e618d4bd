package infra_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
)

// limits are what administrators ask and change.
func limits() []*http.Request {
	const exclusion = "/storage/limit_exclusion"
	ask := func(method, path, body string) *http.Request {
		r := httptest.NewRequest(method, "/api/v4/namespaces/"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		return r
	}
	return []*http.Request{
		ask(http.MethodPost, "acme"+exclusion, `{"reason":"big"}`),
		ask(http.MethodPost, "112"+exclusion, `{"reason":"big"}`),
		ask(http.MethodGet, "storage/limit_exclusions", ""),
		ask(http.MethodDelete, "20"+exclusion, ""),
	}
}

// provisions are what an identity provider asks and changes at a base.
func provisions(base, token string) []*http.Request {
	ask := func(method, path, body string) *http.Request {
		r := httptest.NewRequest(method, base+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/scim+json")
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}
	user := func(uid, username, email string) string {
		return `{"externalId":"` + uid + `","userName":"` + username + `","emails":[{"value":"` + email + `"}],"name":{"formatted":"N"}}`
	}
	const off, on = `{"Operations":[{"op":"replace","path":"active","value":false}]}`, `{"Operations":[{"op":"replace","path":"active","value":true}]}`
	return []*http.Request{
		ask(http.MethodGet, "/Users", ""),
		ask(http.MethodGet, "/Users?filter=userName+eq+%22dan@example.com%22", ""),
		ask(http.MethodGet, "/Users?filter=userName+sw+%22d%22", ""),
		ask(http.MethodPost, "/Users", user("u-new", "dan", "new@example.com")),
		ask(http.MethodPost, "/Users", user("u-rita", "rita", "rita@example.com")),
		ask(http.MethodPatch, "/Users/u-dan", off),
		ask(http.MethodPatch, "/Users/u-dan", on),
		ask(http.MethodPatch, "/Users/u-dan", `{"Operations":[{"op":"replace","path":"externalId","value":"u-2"}]}`),
		ask(http.MethodDelete, "/Users/u-mia", ""),
		ask(http.MethodPost, "/Bulk", `{"Operations":[
		  {"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"Ops","members":[{"value":"u-2"},{"value":"u-rita"}]}},
		  {"method":"PATCH","path":"/Groups/bulkId:g","data":{"Operations":[{"op":"replace","path":"displayName","value":"Dev"}]}},
		  {"method":"PATCH","path":"/Groups/bulkId:g","data":{"Operations":[{"op":"remove","path":"members[value eq \"u-rita\"]"}]}},
		  {"method":"PATCH","path":"/Users/u-2","data":`+off+`},
		  {"method":"PUT","path":"/Groups/bulkId:g","data":{"displayName":"Dev","members":[]}},
		  {"method":"DELETE","path":"/Groups/bulkId:g"},
		  {"method":"DELETE","path":"/Users/u-new"}]}`),
		ask(http.MethodPost, "/Users", user("u-new", "dan", "new@example.com")),
		ask(http.MethodPost, "/Users", user("u-other", "other", "rita@example.com")),
	}
}
