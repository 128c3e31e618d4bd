package server

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"postern/local/invoke"
	"postern/shared/httpapi"
)

// named answers with its own name and the path.
func named(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, name+" "+r.URL.EscapedPath())
	})
}

type function struct{}

func (function) Invoke(context.Context, []byte) ([]byte, error) { return []byte(`"invoked"`), nil }

func TestEachRequestReachesItsFamily(t *testing.T) {
	g := &gateway{
		families: []family{
			{[]httpapi.Route{
				{Method: http.MethodPost, Path: "/internal/allowed"},
				{Method: http.MethodPut, Path: "/internal/modules/scan/"},
			}, named("git")},
			{[]httpapi.Route{{Method: http.MethodGet, Path: "/namespaces/:id/limit"}}, named("limits")},
			{[]httpapi.Route{{Method: http.MethodGet, Path: "/api/scim/v2/Users"}}, named("scim")},
		},
		unmatched: named("nobody"),
		functions: invoke.API{"directory": function{}},
		urlRoot:   "/gitlab",
	}
	cases := []struct{ name, method, path, want string }{
		{"a route", "POST", "/api/v4/internal/allowed", "git /api/v4/internal/allowed"},
		{"its alias", "POST", "/internal/allowed", "git /internal/allowed"},
		{"an unsupported method", "GET", "/api/v4/internal/allowed", "git /api/v4/internal/allowed"},
		{"a slash at the end", "POST", "/api/v4/internal/allowed/", "git /api/v4/internal/allowed/"},
		{"a route with a slash at the end, without one", "PUT", "/internal/modules/scan", "git /internal/modules/scan"},
		{"a relative URL root", "POST", "/gitlab/api/v4/internal/allowed", "git /gitlab/api/v4/internal/allowed"},
		{"a path that begins like the root", "POST", "/gitlabs/internal/allowed", "nobody /gitlabs/internal/allowed"},
		{"a variable part", "GET", "/api/v4/namespaces/12/limit", "limits /api/v4/namespaces/12/limit"},
		{"an escaped slash in a variable part", "GET", "/api/v4/namespaces/a%2Fb/limit", "limits /api/v4/namespaces/a%2Fb/limit"},
		{"an escaped letter", "POST", "/api/v4/internal/%61llowed", "git /api/v4/internal/%61llowed"},
		{"another version's prefix", "GET", "/api/scim/v2/Users", "scim /api/scim/v2/Users"},
		{"an extra segment", "POST", "/api/v4/internal/allowed/x", "nobody /api/v4/internal/allowed/x"},
		{"an empty segment", "POST", "/api/v4//internal/allowed", "nobody /api/v4//internal/allowed"},
		{"the root", "GET", "/", "nobody /"},
		{"an invocation", "POST", "/2015-03-31/functions/directory/invocations", `"invoked"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			g.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), c.method, c.path, http.NoBody))
			if w.Code != http.StatusOK || w.Body.String() != c.want {
				t.Errorf("answer = %d %q, want %q", w.Code, w.Body, c.want)
			}
		})
	}
}

func FuzzFind(f *testing.F) {
	for _, seed := range []string{"/", "/api/v4/internal/allowed", "/internal/%zz", "//", "/api/v4", "*", "/a%2fb/"} {
		f.Add(seed)
	}
	g := &gateway{
		families:  []family{{[]httpapi.Route{{Path: "/internal/:name"}}, named("a")}},
		unmatched: named("nobody"),
	}
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.URL.Path, r.URL.RawPath = path, ""
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		if w.Code >= http.StatusMultipleChoices && w.Code < http.StatusBadRequest {
			t.Errorf("%q is redirected", path)
		}
	})
}
