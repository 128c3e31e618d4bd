package infra_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
)

// storageLimitCalls are requests of administrators.
func storageLimitCalls() []*http.Request {
	const exclusion = "/storage/limit_exclusion"
	send := func(method, path, body string) *http.Request {
		r := httptest.NewRequest(method, "/api/v4/namespaces/"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		return r
	}
	return []*http.Request{
		send(http.MethodPost, "acme"+exclusion, `{"reason":"big"}`),
		send(http.MethodPost, "112"+exclusion, `{"reason":"big"}`),
		send(http.MethodGet, "storage/limit_exclusions", ""),
		send(http.MethodDelete, "20"+exclusion, ""),
	}
}

// provisioningCalls are requests of an identity provider to the SCIM API at a base path.
func provisioningCalls(base, token string) []*http.Request {
	send := func(method, path, body string) *http.Request {
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
		send(http.MethodGet, "/Users", ""),
		send(http.MethodGet, "/Users?filter=userName+eq+%22dan@example.com%22", ""),
		send(http.MethodGet, "/Users?filter=userName+sw+%22d%22", ""),
		send(http.MethodPost, "/Users", user("u-new", "dan", "new@example.com")),
		send(http.MethodPost, "/Users", user("u-rita", "rita", "rita@example.com")),
		send(http.MethodPatch, "/Users/u-dan", off),
		send(http.MethodPatch, "/Users/u-dan", on),
		send(http.MethodPatch, "/Users/u-dan", `{"Operations":[{"op":"replace","path":"externalId","value":"u-2"}]}`),
		send(http.MethodDelete, "/Users/u-mia", ""),
		send(http.MethodPost, "/Bulk", `{"Operations":[
		  {"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"Ops","members":[{"value":"u-2"},{"value":"u-rita"}]}},
		  {"method":"PATCH","path":"/Groups/bulkId:g","data":{"Operations":[{"op":"replace","path":"displayName","value":"Dev"}]}},
		  {"method":"PATCH","path":"/Groups/bulkId:g","data":{"Operations":[{"op":"remove","path":"members[value eq \"u-rita\"]"}]}},
		  {"method":"PATCH","path":"/Users/u-2","data":`+off+`},
		  {"method":"PUT","path":"/Groups/bulkId:g","data":{"displayName":"Dev","members":[]}},
		  {"method":"DELETE","path":"/Groups/bulkId:g"},
		  {"method":"DELETE","path":"/Users/u-new"}]}`),
		send(http.MethodPost, "/Users", user("u-new", "dan", "new@example.com")),
		send(http.MethodPost, "/Users", user("u-other", "other", "rita@example.com")),
	}
}
