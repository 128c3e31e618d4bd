package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	apiV3   = "/api/v3"
	apiV4   = "/api/v4"
	shortV4 = "/v4" // as the documentation spells what is public
)

// router finds the route of a path. Paths without variable parts are looked up, the others are compared one by one.
type router struct {
	root     string
	static   map[string]*endpoint
	patterns []*endpoint
}

// endpoint is one path with what its verbs lead to.
type endpoint struct {
	segments []string
	routes   []*Route
}

// match is a route that was found and the values of its path's variable parts.
type match struct {
	route  *Route
	values [][2]string
}

// path is the route as declared, empty when none was found.
func (m match) path() string {
	if m.route == nil {
		return ""
	}
	return m.route.Path
}

// dialect is the route's, the family's when none was found.
func (m match) dialect(otherwise Dialect) Dialect {
	if m.route == nil {
		return otherwise
	}
	return m.route.Dialect
}

// newRouter registers every spelling of every route. A route without a lock gets one that nobody opens, here and not
// in the handlers, so that there is no way around it.
func newRouter(routes []Route, root string) *router {
	t := &router{root: strings.TrimRight(root, "/"), static: map[string]*endpoint{}}
	for _, route := range routes {
		if route.Auth == nil {
			route.Auth = refuseAll{}
		}
		for _, path := range spellings(route.Path) {
			t.add(path, &route)
		}
	}
	return t
}

// spellings are the full paths that a route answers.
func spellings(path string) []string {
	path = strings.TrimRight(path, "/")
	switch {
	case below(path, "/api"):
		return []string{path}
	case below(path, "/internal"):
		return []string{apiV4 + path, path}
	}
	return []string{apiV4 + path, shortV4 + path}
}

// below reports whether a path is prefix or continues it after a slash.
func below(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// add makes the route an endpoint, or one more verb of an endpoint that is there.
func (t *router) add(path string, route *Route) {
	variable := strings.Contains(path, "/:")
	known := t.static[path]
	if variable {
		at := slices.IndexFunc(t.patterns, func(e *endpoint) bool { return strings.Join(e.segments, "/") == path })
		if at >= 0 {
			known = t.patterns[at]
		}
	}
	switch {
	case known != nil:
		known.routes = append(known.routes, route)
	case variable:
		t.patterns = append(t.patterns, &endpoint{segments: strings.Split(path, "/"), routes: []*Route{route}})
	default:
		t.static[path] = &endpoint{routes: []*Route{route}}
	}
}

// find returns the request's route, or the error that answers a request which has none: the path is unknown, or of a
// version that is no more, or has no such verb. Nothing is ever redirected, as clients take redirects for errors.
func (t *router) find(r *http.Request) (match, *Error) {
	path := t.clean(r.URL.Path)
	switch {
	case below(path, apiV3):
		return match{}, &Error{code: codeGone}
	case r.URL.RawPath != "":
		return t.findEscaped(r)
	}
	if found := t.static[path]; found != nil {
		return found.choose(r.Method, nil)
	}
	return t.findPattern(r.Method, strings.Split(path, "/"))
}

// findEscaped looks for a path with escapes that the usual encoding would not have: each segment is decoded by
// itself, so that an escaped slash is a part of its segment.
func (t *router) findEscaped(r *http.Request) (match, *Error) {
	segments := strings.Split(t.clean(r.URL.RawPath), "/")
	plain := true
	for i, segment := range segments {
		decoded, err := url.PathUnescape(segment)
		if err != nil { // net/url has checked the escapes
			return match{}, &Error{code: codeUnknownPath, cause: err}
		}
		segments[i] = decoded
		plain = plain && !strings.Contains(decoded, "/")
	}
	if plain {
		if found := t.static[strings.Join(segments, "/")]; found != nil {
			return found.choose(r.Method, nil)
		}
	}
	return t.findPattern(r.Method, segments)
}

// findPattern compares the segments with each path that has variable parts, in the order of the table.
func (t *router) findPattern(method string, segments []string) (match, *Error) {
	for _, e := range t.patterns {
		if values, ok := e.values(segments); ok {
			return e.choose(method, values)
		}
	}
	return match{}, &Error{code: codeUnknownPath}
}

// clean drops the relative URL root and slashes at the end.
func (t *router) clean(path string) string {
	if t.root != "" && below(path, t.root) {
		path = path[len(t.root):]
	}
	return strings.TrimRight(path, "/")
}

// values compares segments with the endpoint's and returns what its variable ones stand for.
func (e *endpoint) values(segments []string) (values [][2]string, ok bool) {
	if len(segments) != len(e.segments) {
		return nil, false
	}
	for i, want := range e.segments {
		name, variable := strings.CutPrefix(want, ":")
		switch {
		case variable && segments[i] != "":
			values = append(values, [2]string{name, segments[i]})
		case variable || want != segments[i]:
			return nil, false
		}
	}
	return values, true
}

// choose returns the route of a verb, or the error that names the verbs there are.
func (e *endpoint) choose(method string, values [][2]string) (match, *Error) {
	allowed := make([]string, 0, 4)
	for _, route := range e.routes {
		if route.Method == method {
			return match{route: route, values: values}, nil
		}
		allowed = append(allowed, route.Method)
	}
	return match{}, &Error{
		code:   codeMethodNotAllowed,
		header: http.Header{"Allow": {strings.Join(allowed, ", ")}},
	}
}
