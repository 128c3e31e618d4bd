package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/local/client"
)

// mirror answers with the request: method, path with query, content type, token and body.
func mirror(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v4/away" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, strings.Join([]string{
			r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), r.Header.Get("Gitlab-Shell-Api-Request") + r.Header.Get("Private-Token") + r.Header.Get("Gitlab-Agent-Api-Request"), string(body),
		}, "|"))
	}))
	t.Cleanup(server.Close)
	return server
}

func TestCallSendsTheRequest(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	server := mirror(t)
	cases := []struct {
		name string
		call client.Call
		want string
	}{
		{
			"a route alone is a GET of version 4",
			client.Call{Route: "internal/discover?key_id=11"},
			"GET|/api/v4/internal/discover?key_id=11||jwt|",
		},
		{
			"an additional administrator's token",
			client.Call{Route: "internal/check", PrivateToken: "+pat"},
			"GET|/api/v4/internal/check||jwt+pat|",
		},
		{
			"an additional agent's token",
			client.Call{Route: "internal/kubernetes/agent_info", AgentToken: "+agent"},
			"GET|/api/v4/internal/kubernetes/agent_info||jwt+agent|",
		},
		{"a slash before the route changes nothing", client.Call{Route: "/internal/check"}, "GET|/api/v4/internal/check||jwt|"},
		{"a whole path stays", client.Call{Route: "/api/v3/users"}, "GET|/api/v3/users||jwt|"},
		{
			"data makes a POST with a form",
			client.Call{Route: "internal/allowed", Data: "key_id=11&protocol=ssh"},
			"POST|/api/v4/internal/allowed|" + form + "|jwt|key_id=11&protocol=ssh",
		},
		{
			"data that begins like an object is JSON",
			client.Call{Route: "internal/allowed", Data: ` {"key_id":11}`},
			`POST|/api/v4/internal/allowed|application/json|jwt| {"key_id":11}`,
		},
		{
			"an explicit method",
			client.Call{Route: "internal/check", Method: "delete"},
			"DELETE|/api/v4/internal/check||jwt|",
		},
		{
			"an explicit method with data",
			client.Call{Route: "internal/x", Method: "PUT", Data: "a=1"},
			"PUT|/api/v4/internal/x|" + form + "|jwt|a=1",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.call.URL, c.call.Header, c.call.Token = server.URL, "Gitlab-Shell-Api-Request", "jwt"
			got, err := c.call.Do(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Body) != c.want || got.Status != "418 I'm a teapot" {
				t.Errorf("answer = %s %s\nwant %s", got.Status, got.Body, c.want)
			}
		})
	}
}

func TestCallFollowsNoRedirect(t *testing.T) {
	got, err := client.Call{URL: mirror(t).URL, Route: "away", Header: "X"}.Do(t.Context())
	if err != nil || got.Status != "302 Found" {
		t.Errorf("answer = %s, %v; want the redirect itself", got.Status, err)
	}
}

func TestCallReportsErrors(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	missing := server.URL
	server.Close()
	cases := []struct {
		name string
		call client.Call
		want string
	}{
		{"a missing route", client.Call{URL: missing}, "ROUTE is missing"},
		{"a malformed route", client.Call{URL: missing, Route: "a%zz"}, "ROUTE=a%zz"},
		{"no running system", client.Call{URL: missing, Route: "internal/check"}, "make run"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.call.Header = "X"
			if _, err := c.call.Do(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want %q in it", err, c.want)
			}
		})
	}
}
