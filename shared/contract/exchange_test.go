package contract_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/shared/contract"
)

// exchange is a request with its answer; what is left out is as it should be.
type exchange struct {
	method, target string
	header         http.Header
	sent           string
	status         int
	answer         http.Header
	body           string
}

func (x *exchange) checked(t *testing.T) error {
	t.Helper()
	r := httptest.NewRequest(x.method, x.target, http.NoBody)
	r.Header.Set("Token", "t")
	maps.Copy(r.Header, x.header)
	answer := http.Header{"X-Request-Id": {"1"}, "Content-Type": {"application/json"}}
	maps.Copy(answer, x.answer)
	maps.DeleteFunc(answer, func(_ string, values []string) bool { return values == nil })
	return thingsDocument(t).Check(t.Context(), &contract.Exchange{
		Request: r, Sent: []byte(x.sent), Status: x.status, Header: answer, Body: []byte(x.body),
	})
}

const thing, unknown = `{"name":"a"}`, `{"error":"404 Not Found"}`

var scimType = http.Header{"Content-Type": {"application/scim+json; charset=utf-8"}}

func typed(media string) http.Header { return http.Header{"Content-Type": {media}} }

func TestCheckLetsPass(t *testing.T) {
	cases := map[string]exchange{
		"what is as described":                     {method: "GET", target: "/things/a?page=1", status: 200, body: thing},
		"a text that may be null":                  {method: "GET", target: "/things/a?page=1", status: 200, body: `{"name":null}`},
		"a parameter that is not described":        {method: "GET", target: "/things/a?page=1&more=2", status: 200, body: thing},
		"any request that is refused":              {method: "GET", target: "/things/A?page=x", status: 404, body: unknown},
		"an answer without a body":                 {method: "DELETE", target: "/things/a?token=t", status: 204},
		"a credential in the body":                 {method: "POST", target: "/things/new", header: http.Header{"Token": nil, "Content-Type": {"application/x-www-form-urlencoded"}}, sent: "name=a&token=t", status: 200, answer: scimType, body: thing},
		"another credential":                       {method: "DELETE", target: "/things/a", header: http.Header{"Authorization": {"Basic eDp5"}}, status: 204},
		"a JSON body":                              {method: "POST", target: "/things/new", header: typed("application/json"), sent: thing, status: 200, answer: scimType, body: thing},
		"a JSON body that does not say that it is": {method: "POST", target: "/things/new", sent: " " + thing, status: 200, answer: scimType, body: thing},
		"a form":                              {method: "POST", target: "/things/new", header: typed("application/x-www-form-urlencoded"), sent: "name=a", status: 200, answer: scimType, body: thing},
		"a form that does not say that it is": {method: "POST", target: "/things/new", sent: "name=a", status: 200, answer: scimType, body: thing},
		"an unknown path":                     {method: "GET", target: "/nothing", status: 404, body: unknown},
		"a wrong verb": {
			method: "PUT", target: "/things/a", status: 405, body: `{"error":""}`, answer: http.Header{"Allow": {"GET, DELETE"}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if err := c.checked(t); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckFinds(t *testing.T) {
	get, made := "/things/a?page=1", http.Header{"Allow": {"DELETE, GET"}}
	cases := []struct {
		name string
		x    exchange
		want string
	}{
		{"a path that is not described", exchange{method: "GET", target: "/other", status: 200, body: thing}, "the path is not in infra/openapi.yaml, but it is answered with 200"},
		{"a verb that is not described", exchange{method: "PUT", target: get, status: 200, body: thing}, "PUT of /things/{id} is not in"},
		{"other verbs than the described ones", exchange{method: "PUT", target: get, status: 405, answer: http.Header{"Allow": {"GET"}}, body: unknown}, `["DELETE" "GET"] in infra/openapi.yaml, but Allow names ["GET"]`},
		{"a wrong verb's answer of another form", exchange{method: "PUT", target: get, status: 405, answer: made, body: `{}`}, "the answer is not as in"},
		{"an unknown path's answer of another form", exchange{method: "GET", target: "/other", status: 404, body: `{}`}, "the answer is not as in"},
		{"a common answer that is not described", exchange{method: "GET", target: "/other", status: 410, body: unknown}, "components.responses.Gone is not in"},
		{"a status that is not described", exchange{method: "GET", target: get, status: 418, body: unknown}, `status 418 is not among the responses in infra/openapi.yaml, which are ["200" "404"]`},
		{"a body of another form", exchange{method: "GET", target: get, status: 200, body: `{"name":1}`}, "the answer is not as in"},
		{"a body with a field more", exchange{method: "GET", target: get, status: 200, body: `{"name":"a","more":1}`}, "the answer is not as in"},
		{"a body of another type", exchange{method: "GET", target: get, status: 200, answer: typed("text/html"), body: thing}, "unexpected value"},
		{"a body that should not be", exchange{method: "DELETE", target: get + "&token=t", status: 204, body: thing}, "an answer with 204 has no body"},
		{"no body where one should be", exchange{method: "GET", target: get, status: 200}, "the answer is not as in"},
		{"a header that is missing", exchange{method: "GET", target: get, status: 200, answer: http.Header{"X-Request-Id": nil}, body: thing}, `response header "X-Request-Id" missing`},
		{"an accepted request without a parameter", exchange{method: "GET", target: "/things/a", status: 200, body: thing}, "the request was accepted, but"},
		{"an accepted request with a wrong parameter", exchange{method: "GET", target: "/things/a?page=b", status: 200, body: thing}, "the request was accepted, but"},
		{"an accepted request with a wrong part of its path", exchange{method: "GET", target: "/things/A?page=1", status: 200, body: thing}, "the request was accepted, but"},
		{"an accepted request without a credential", exchange{method: "GET", target: get, header: http.Header{"Token": nil}, status: 200, body: thing}, "no credential of the scheme token"},
		{"an accepted request without any of two credentials", exchange{method: "DELETE", target: get, status: 204}, "no credential of the scheme parameter"},
		{"an accepted request without a body", exchange{method: "POST", target: "/things/new", status: 200, answer: scimType, body: thing}, "value is required"},
		{"an accepted request with a wrong body", exchange{method: "POST", target: "/things/new", sent: `{"name":[]}`, status: 200, answer: scimType, body: thing}, "the request was accepted, but"},
		{"an accepted request of another type", exchange{method: "POST", target: "/things/new", header: typed("text/csv"), sent: thing, status: 200, answer: scimType, body: thing}, "the request was accepted, but"},
		{"an accepted request with a body that is not described", exchange{method: "GET", target: get, sent: thing, status: 200, body: thing}, "not allowed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.x.checked(t); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
