// Package server serves every function of Postern at one port of this machine, as the two gateways do in a cloud. Each family
// answers its own routes, and other paths get the API's 404. Directly invoked functions are reached through Lambda's Invoke API.
package server

import (
	"net/http"
	"net/url"
	"strings"

	"postern/local/invoke"
	"postern/shared/httpapi"
)

// family is an endpoint family with its routes.
type family struct {
	routes  []httpapi.Route
	handler http.Handler
}

// gateway sends each request to the family with its path. The family also answers unsupported methods, because it has the list
// of supported ones.
type gateway struct {
	families  []family
	below     map[string]http.Handler // handlers of all paths below one, as the gateway's {proxy+}
	unmatched http.Handler
	functions invoke.API
	urlRoot   string
}

// ServeHTTP never redirects. A slash at the end of a path and escapes reach the family unchanged.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if invoke.Handles(r.URL.Path) {
		g.functions.ServeHTTP(w, r)
		return
	}
	g.find(r.URL).ServeHTTP(w, r)
}

// find returns the handler of a path. It skips the path below which the system is served.
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

// split returns a path's segments without the version that every route has, so aliases are equal to their originals. The family
// checks the spelling.
func split(path string) []string {
	path = strings.TrimRight(path, "/")
	for _, version := range []string{"/api/v4/", "/v4/"} {
		if rest, found := strings.CutPrefix(path, version); found {
			return strings.Split("/"+rest, "/")
		}
	}
	return strings.Split(path, "/")
}

// matches compares a route's segments with a path's, which may be escaped. ":name" matches any segment.
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
