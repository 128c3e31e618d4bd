package contract

import (
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// path is a path of the document below one of its servers.
type path struct {
	name      string   // as in the document
	segments  []string // including the server's; "{name}" matches any segment
	variables int      // number of variable segments
	item      *openapi3.PathItem
}

// spellings returns a path below each of its servers, or else each of the document's servers.
func spellings(spec *openapi3.T, name string, item *openapi3.PathItem) []path {
	servers := item.Servers
	if len(servers) == 0 {
		servers = spec.Servers
	}
	all := make([]path, 0, len(servers))
	for _, server := range servers {
		p := path{name: name, segments: split(strings.TrimRight(server.URL, "/") + name), item: item}
		for _, segment := range p.segments {
			if _, variable := variable(segment); variable {
				p.variables++
			}
		}
		all = append(all, p)
	}
	return all
}

// split returns the segments of a path without trailing slashes.
func split(path string) []string { return strings.Split(strings.TrimRight(path, "/"), "/") }

// variable returns the name of a variable segment.
func variable(segment string) (name string, ok bool) {
	if len(segment) < 3 || segment[0] != '{' || segment[len(segment)-1] != '}' {
		return "", false
	}
	return segment[1 : len(segment)-1], true
}

// find returns the matching path and its decoded variables, nil for an unknown path.
func (d *Document) find(escaped string) (found *path, values map[string]string) {
	segments := split(escaped)
	for i := range d.paths {
		if values, ok := d.paths[i].match(segments); ok {
			return &d.paths[i], values
		}
	}
	return nil, nil
}

// match compares escaped segments. An escaped slash is part of its segment.
func (p *path) match(segments []string) (values map[string]string, ok bool) {
	if len(segments) != len(p.segments) {
		return nil, false
	}
	values = map[string]string{}
	for i, want := range p.segments {
		got, err := url.PathUnescape(segments[i])
		name, variable := variable(want)
		switch {
		case err != nil, variable && got == "", !variable && got != want:
			return nil, false
		case variable:
			values[name] = got
		}
	}
	return values, true
}

// methods returns the sorted methods of the path.
func (p *path) methods() []string {
	all := make([]string, 0, len(p.item.Operations()))
	for method := range p.item.Operations() {
		all = append(all, method)
	}
	slices.Sort(all)
	return all
}
