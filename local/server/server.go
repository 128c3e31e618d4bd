// Package server puts every function of Postern behind one port of this machine, as the two gateways do in a cloud:
// each endpoint family answers its own routes, whatever else is asked gets the API's own refusals, and functions that
// are invoked directly are reached through Lambda's Invoke API.
package server

import (
	"net/http"
	"net/url"
	"strings"

	"postern/local/invoke"
	"postern/shared/httpapi"
)

// family is one endpoint family: what it answers and who answers.
type family struct {
	routes  []httpapi.Route
	handler http.Handler
}

// gateway sends each request to the family whose route it is. A wrong verb goes to the family too, which knows the
// right ones.
type gateway struct {
	families  []family
	below     map[string]http.Handler // who answers whatever is below a path, as by the gateway's {proxy+}
	unmatched http.Handler
	functions invoke.API
	urlRoot   string
}

// ServeHTTP never redirects: a path with a slash at its end or an escape in it is passed on as it came.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if invoke.Handles(r.URL.Path) {
		g.functions.ServeHTTP(w, r)
		return
	}
	g.find(r.URL).ServeHTTP(w, r)
}

// find returns who answers a path. Of a system that is served below a path, that is passed over first.
func (g *gateway) find(u *url.URL) http.Handler {
	path := u.EscapedPath()
	if rest, found := strings.CutPrefix(path, g.urlRoot); found && strings.HasPrefix(rest, "/") {
		path = rest
	}
	segments := split(path)
	for _, f := range g.families {
		for _, route := range f.routes {
			if matches(split(route.Path), segments) {
				return f.handler
			}
		}
	}
	for prefix, handler := range g.below {
		if strings.HasPrefix(path, prefix+"/") {
			return handler
		}
	}
	return g.unmatched
}

// split returns a path's segments without the version that every route has, so that an alias looks like its original.
// Which spellings there are of it, the family knows.
func split(path string) []string {
	path = strings.TrimRight(path, "/")
	for _, version := range []string{"/api/v4/", "/v4/"} {
		if rest, found := strings.CutPrefix(path, version); found {
			return strings.Split("/"+rest, "/")
		}
	}
	return strings.Split(path, "/")
}

// matches compares a route's segments with a path's, which may be escaped; ":name" stands for any one.
func matches(route, path []string) bool {
	if len(route) != len(path) {
		return false
	}
	for i, want := range route {
		if strings.HasPrefix(want, ":") {
			continue
		}
		if got, err := url.PathUnescape(path[i]); err != nil || got != want {
			return false
		}
	}
	return true
}
