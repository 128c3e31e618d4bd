// Package infra_test compares the deployment with the code: routes, roles, names and build targets of the templates, and the
// OpenAPI document. It deploys nothing and needs no cloud.
package infra_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// object is a mapping of a template. CloudFormation's short tags are written out: `!Ref X` is object{"Ref": "X"}.
type object = map[string]any

type template struct{ root object }

func root(name string) string { return filepath.Join("..", filepath.FromSlash(name)) }

func read(t *testing.T, name string) template {
	t.Helper()
	raw, err := os.ReadFile(root(name))
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(raw, &document); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	whole, ok := plain(t, document.Content[0]).(object)
	if !ok {
		t.Fatalf("%s is not a mapping", name)
	}
	return template{whole}
}

// plain turns a node into maps, lists and scalars.
func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	var v any
	switch n.Kind {
	case yaml.MappingNode:
		m := object{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		v = m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = plain(t, c)
		}
		v = list
	default:
		v = scalar(t, n)
	}
	return intrinsic(n.Tag, v)
}

func scalar(t *testing.T, n *yaml.Node) any {
	t.Helper()
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return n.Value
	}
	var v any
	if err := n.Decode(&v); err != nil {
		t.Fatalf("line %d: %v", n.Line, err)
	}
	return v
}

func intrinsic(tag string, v any) any {
	switch {
	case !strings.HasPrefix(tag, "!") || strings.HasPrefix(tag, "!!"):
		return v
	case tag == "!Ref" || tag == "!Condition":
		return object{tag[1:]: v}
	}
	return object{"Fn::" + tag[1:]: v}
}

// at returns the value at a path of keys, or nil.
func at(v any, path ...string) any {
	for _, key := range path {
		m, _ := v.(object)
		v = m[key]
	}
	return v
}

// text returns the string at a path, or "".
func text(v any, path ...string) string {
	s, _ := at(v, path...).(string)
	return s
}

// list returns the list at a path. Any other value counts as a list of one.
func list(v any, path ...string) []any {
	switch found := at(v, path...).(type) {
	case nil:
		return nil
	case []any:
		return found
	default:
		return []any{found}
	}
}

// texts returns the strings at a path. A single string counts as a list of one.
func texts(v any, path ...string) []string {
	var found []string
	for _, item := range list(v, path...) {
		if s, ok := item.(string); ok {
			found = append(found, s)
		}
	}
	return found
}

func keys(v any) []string {
	m, _ := v.(object)
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// resource returns a resource's properties.
func (tpl template) resource(id string) any { return at(tpl.root, "Resources", id, "Properties") }

// ofType returns the logical ids of all resources of a type, sorted.
func (tpl template) ofType(kind string) []string {
	var ids []string
	for _, id := range keys(at(tpl.root, "Resources")) {
		if text(tpl.root, "Resources", id, "Type") == kind {
			ids = append(ids, id)
		}
	}
	return ids
}

// functions returns the logical ids of all functions, sorted.
func (tpl template) functions() []string { return tpl.ofType("AWS::Serverless::Function") }

// environment returns the variables of a function.
func (tpl template) environment(function string) object {
	variables, _ := at(tpl.resource(function), "Environment", "Variables").(object)
	return variables
}

// route is a path of a gateway with a function behind it.
type route struct{ api, path, method, timeout string }

// routed returns the events of a function that come from a gateway.
func (tpl template) routed(function string) []route {
	var found []route
	events := at(tpl.resource(function), "Events")
	for _, name := range keys(events) {
		if text(events, name, "Type") != "Api" {
			continue
		}
		p := at(events, name, "Properties")
		found = append(found, route{
			api:     text(p, "RestApiId", "Ref"),
			path:    text(p, "Path"),
			method:  text(p, "Method"),
			timeout: strings.Join(texts(p, "TimeoutInMillis", "Fn::FindInMap"), " "),
		})
	}
	return found
}

// streams returns the events of a function that come from a table's stream.
func (tpl template) streams(function string) []any {
	var found []any
	events := at(tpl.resource(function), "Events")
	for _, name := range keys(events) {
		if text(events, name, "Type") == "DynamoDB" {
			found = append(found, at(events, name, "Properties"))
		}
	}
	return found
}

// walk visits every value below v together with its key.
func walk(v any, visit func(key string, v any)) {
	switch v := v.(type) {
	case object:
		for _, key := range keys(v) {
			visit(key, v[key])
			walk(v[key], visit)
		}
	case []any:
		for _, item := range v {
			walk(item, visit)
		}
	}
}

// equal reports a difference between two sets of names.
func equal(t *testing.T, subject string, got, want []string) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", subject, got, want)
	}
}
