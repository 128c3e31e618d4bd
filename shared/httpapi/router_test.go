package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestRequests(t *testing.T) {
	h := New(routes(), Options{Timeout: 100 * time.Millisecond, URLRoot: "/gitlab/"})
	rows := []struct {
		name           string
		method, target string
		status         int
		body           string
	}{
		{"the long spelling", "GET", "/api/v4/internal/check", 200, `"checked"`},
		{"the short spelling", "GET", "/internal/check", 200, `"checked"`},
		{"a slash at the end", "GET", "/api/v4/internal/check/", 200, `"checked"`},
		{"slashes at the end", "GET", "/internal/check///", 200, `"checked"`},
		{"declared with a slash, asked without", "PUT", "/api/v4/internal/modules/starboard", 200, `null`},
		{"declared with a slash, asked with", "PUT", "/api/v4/internal/modules/starboard/", 200, `null`},
		{"below the relative URL root", "GET", "/gitlab/api/v4/internal/check", 200, `"checked"`},
		{"below the relative URL root, short", "GET", "/gitlab/internal/check/", 200, `"checked"`},
		{"a longer word than the root is no root", "GET", "/gitlabs/internal/check", 404, `{"error":"404 Not Found"}`},
		{"the root twice", "GET", "/gitlab/gitlab/internal/check", 404, `{"error":"404 Not Found"}`},
		{"an escaped letter", "GET", "/api/v4/internal/%63heck", 200, `"checked"`},
		{"an escaped slash is no slash", "GET", "/api/v4/internal%2Fcheck", 404, `{"error":"404 Not Found"}`},
		{"case matters", "GET", "/api/v4/internal/Check", 404, `{"error":"404 Not Found"}`},
		{"nothing is below an endpoint", "GET", "/api/v4/internal/check/x", 404, `{"error":"404 Not Found"}`},
		{"two slashes are not one", "GET", "/api/v4//internal/check", 404, `{"error":"404 Not Found"}`},
		{"dots are not followed", "GET", "/api/v4/internal/x/../check", 404, `{"error":"404 Not Found"}`},
		{"the root of all", "GET", "/", 404, `{"error":"404 Not Found"}`},
		{"an unknown path", "GET", "/api/v4/internal/nothing", 404, `{"error":"404 Not Found"}`},
		{"an unknown path with a bad key is unknown too", "GET", "/api/v4/internal/nothing?key=bad", 404, `{"error":"404 Not Found"}`},
		{"version 3", "GET", "/api/v3/internal/check", 410, `{"error":"API V3 is no longer supported. Use API V4 instead."}`},
		{"version 3 alone", "POST", "/api/v3", 410, `{"error":"API V3 is no longer supported. Use API V4 instead."}`},
		{"version 3 below the root, escaped", "GET", "/gitlab/api/v3/a%2Fb", 410, `{"error":"API V3 is no longer supported. Use API V4 instead."}`},
		{"version 30", "GET", "/api/v30", 404, `{"error":"404 Not Found"}`},
		{"a wrong verb", "POST", "/api/v4/internal/check", 405, `{"error":"405 Method Not Allowed"}`},
		{"an unknown verb", "BREW", "/internal/check", 405, `{"error":"405 Method Not Allowed"}`},
		{"a verb in small letters", "get", "/internal/check", 405, `{"error":"405 Method Not Allowed"}`},
		{"HEAD is a verb like others", "HEAD", "/internal/check", 405, `{"error":"405 Method Not Allowed"}`},
		{"a wrong verb on a pattern", "PUT", "/api/v4/namespaces/3/limit", 405, `{"error":"405 Method Not Allowed"}`},
		{"a variable part", "GET", "/api/v4/namespaces/3/limit", 200, `{"id":"3"}`},
		{"a variable part, other verb", "POST", "/api/v4/namespaces/3/limit", 200, `{"id":"3"}`},
		{"a variable part wins over the query", "GET", "/api/v4/namespaces/3/limit?id=4&x=5", 200, `{"id":"3","x":"5"}`},
		{"a variable part with an escaped slash", "GET", "/api/v4/namespaces/a%2Fb/limit/", 200, `{"id":"a/b"}`},
		{"an empty variable part", "GET", "/api/v4/namespaces//limit", 404, `{"error":"404 Not Found"}`},
		{"a variable part, as the documentation spells it", "GET", "/v4/namespaces/3/limit", 200, `{"id":"3"}`},
		{"what is internal is not public", "GET", "/v4/internal/check", 404, `{"error":"404 Not Found"}`},
		{"outside /internal there is no short spelling", "GET", "/namespaces/3/limit", 404, `{"error":"404 Not Found"}`},
		{"another API", "GET", "/api/scim/v2/groups/a/Users/b", 200, `{"group_path":"a","id":"b"}`},
		{"another API is not below v4", "GET", "/api/v4/api/scim/v2/groups/a/Users/b", 404, `{"error":"404 Not Found"}`},
		{"null", "GET", "/internal/null", 200, `null`},
		{"no escaping for HTML, no line feed", "GET", "/internal/created", 201, `["<a> & 'b'"]`},
		{"no body", "DELETE", "/internal/empty", 204, ``},
		{"an unknown error says nothing", "GET", "/internal/broken", 500, `{"message":"500 Internal Server Error"}`},
		{"a refusal", "GET", "/internal/refused", 404, `{"message":"404 Key Not Found"}`},
		{"a part that is away", "GET", "/internal/away", 503, `{"message":"503 Service Unavailable"}`},
		{"an answer that is no JSON", "GET", "/internal/unwritable", 500, `{"message":"500 Internal Server Error"}`},
		{"a panic", "GET", "/internal/panic", 500, `{"message":"500 Internal Server Error"}`},
		{"a deadline", "GET", "/internal/late", 503, `{"message":"503 Service Unavailable"}`},
		{
			"too many requests", "GET", "/internal/busy", 429,
			`{"message":{"error":"This endpoint has been requested too many times. Try again later."}}`,
		},
		{"a query", "GET", "/internal/echo?a=1&b[]=x", 200, `{"a":"1","b":["x"]}`},
		{"a bad query", "GET", "/internal/echo?a=%zz", 400, `{"error":"query is not valid"}`},
		{"a query at odds with itself", "GET", "/internal/echo?a=1&a[b]=2", 400, `{"error":"a is invalid"}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := ask(t, h, row.method, row.target, "")
			if w.Code != row.status || w.Body.String() != row.body {
				t.Errorf("%s %s = %d %s, want %d %s", row.method, row.target, w.Code, w.Body, row.status, row.body)
			}
			if w.Header().Get("Location") != "" && row.status != http.StatusCreated {
				t.Error("redirects")
			}
		})
	}
}

func TestAllowNamesTheVerbs(t *testing.T) {
	h := New(routes(), Options{})
	for target, want := range map[string]string{
		"/internal/check":            "GET",
		"/api/v4/internal/echo/":     "POST, PUT, GET",
		"/api/v4/namespaces/1/limit": "GET, POST",
	} {
		if got := ask(t, h, http.MethodPatch, target, "").Header().Get("Allow"); got != want {
			t.Errorf("%s: Allow = %q, want %q", target, got, want)
		}
	}
}

func FuzzRouter(f *testing.F) {
	for _, seed := range []string{
		"/api/v4/internal/check", "/internal/check/", "//", "/%2e%2e/internal/check", "/api/v4/namespaces/a%2Fb/limit", "/gitlab",
		"/%00", "/internal/check%", "/internal/check;x", "/api/v3/",
	} {
		f.Add("GET", seed)
	}
	h := New(routes(), Options{URLRoot: "/gitlab"})
	f.Fuzz(func(t *testing.T, method, path string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Method = method
		parsed, err := r.URL.Parse(path)
		if err != nil {
			return
		}
		r.URL = parsed
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r) // without a key
		switch w.Code {
		case 400, 401, 404, 405, 410:
		default:
			t.Errorf("%s %s = %d", method, path, w.Code)
		}
	})
}
