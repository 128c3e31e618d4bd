package contract_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/shared/contract"
)

// exchange is a request with its answer. Missing headers get valid values.
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

func TestCheckAcceptsMatchingExchange(t *testing.T) {
	cases := map[string]exchange{
		"a matching exchange":                {method: "GET", target: "/things/a?page=1", status: 200, body: thing},
		"a nullable string":                  {method: "GET", target: "/things/a?page=1", status: 200, body: `{"name":null}`},
		"an undocumented parameter":          {method: "GET", target: "/things/a?page=1&more=2", status: 200, body: thing},
		"a rejected request":                 {method: "GET", target: "/things/A?page=x", status: 404, body: unknown},
		"an answer without a body":           {method: "DELETE", target: "/things/a?token=t", status: 204},
		"a credential in the body":           {method: "POST", target: "/things/new", header: http.Header{"Token": nil, "Content-Type": {"application/x-www-form-urlencoded"}}, sent: "name=a&token=t", status: 200, answer: scimType, body: thing},
		"another credential":                 {method: "DELETE", target: "/things/a", header: http.Header{"Authorization": {"Basic eDp5"}}, status: 204},
		"a JSON body":                        {method: "POST", target: "/things/new", header: typed("application/json"), sent: thing, status: 200, answer: scimType, body: thing},
		"a JSON body without a content type": {method: "POST", target: "/things/new", sent: " " + thing, status: 200, answer: scimType, body: thing},
		"a form":                             {method: "POST", target: "/things/new", header: typed("application/x-www-form-urlencoded"), sent: "name=a", status: 200, answer: scimType, body: thing},
		"a form without a content type":      {method: "POST", target: "/things/new", sent: "name=a", status: 200, answer: scimType, body: thing},
		"an unknown path":                    {method: "GET", target: "/nothing", status: 404, body: unknown},
		"an unknown method": {
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

func TestCheckReportsDeviation(t *testing.T) {
	get, allow := "/things/a?page=1", http.Header{"Allow": {"DELETE, GET"}}
	cases := []struct {
		name string
		x    exchange
		want string
	}{
		{"an undocumented path", exchange{method: "GET", target: "/other", status: 200, body: thing}, "the path is not in infra/openapi.yaml, but the answer is 200"},
		{"an undocumented method", exchange{method: "PUT", target: get, status: 200, body: thing}, "PUT of /things/{id} is not in"},
		{"an Allow header with other methods", exchange{method: "PUT", target: get, status: 405, answer: http.Header{"Allow": {"GET"}}, body: unknown}, `["DELETE" "GET"] in infra/openapi.yaml, but Allow has ["GET"]`},
		{"an unknown method with an invalid answer", exchange{method: "PUT", target: get, status: 405, answer: allow, body: `{}`}, "the answer does not match"},
		{"an unknown path with an invalid answer", exchange{method: "GET", target: "/other", status: 404, body: `{}`}, "the answer does not match"},
		{"an undocumented common answer", exchange{method: "GET", target: "/other", status: 410, body: unknown}, "components.responses.Gone is not in"},
		{"an undocumented status", exchange{method: "GET", target: get, status: 418, body: unknown}, `status 418 is not among the responses in infra/openapi.yaml, which are ["200" "404"]`},
		{"an invalid body", exchange{method: "GET", target: get, status: 200, body: `{"name":1}`}, "the answer does not match"},
		{"a body with an extra field", exchange{method: "GET", target: get, status: 200, body: `{"name":"a","more":1}`}, "the answer does not match"},
		{"a body of another content type", exchange{method: "GET", target: get, status: 200, answer: typed("text/html"), body: thing}, "unexpected value"},
		{"an unexpected body", exchange{method: "DELETE", target: get + "&token=t", status: 204, body: thing}, "an answer with 204 must not have a body"},
		{"a missing body", exchange{method: "GET", target: get, status: 200}, "the answer does not match"},
		{"a missing header", exchange{method: "GET", target: get, status: 200, answer: http.Header{"X-Request-Id": nil}, body: thing}, `response header "X-Request-Id" missing`},
		{"an accepted request without a parameter", exchange{method: "GET", target: "/things/a", status: 200, body: thing}, "the accepted request does not match"},
		{"an accepted request with an invalid parameter", exchange{method: "GET", target: "/things/a?page=b", status: 200, body: thing}, "the accepted request does not match"},
		{"an accepted request with an invalid path parameter", exchange{method: "GET", target: "/things/A?page=1", status: 200, body: thing}, "the accepted request does not match"},
		{"an accepted request without a credential", exchange{method: "GET", target: get, header: http.Header{"Token": nil}, status: 200, body: thing}, "no credential of the scheme token"},
		{"an accepted request without any of two credentials", exchange{method: "DELETE", target: get, status: 204}, "no credential of the scheme parameter"},
		{"an accepted request without a body", exchange{method: "POST", target: "/things/new", status: 200, answer: scimType, body: thing}, "value is required"},
		{"an accepted request with an invalid body", exchange{method: "POST", target: "/things/new", sent: `{"name":[]}`, status: 200, answer: scimType, body: thing}, "the accepted request does not match"},
		{"an accepted request of another content type", exchange{method: "POST", target: "/things/new", header: typed("text/csv"), sent: thing, status: 200, answer: scimType, body: thing}, "the accepted request does not match"},
		{"an accepted request with an undocumented body", exchange{method: "GET", target: get, sent: thing, status: 200, body: thing}, "not allowed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.x.checked(t); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
