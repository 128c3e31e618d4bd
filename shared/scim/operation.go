package scim

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// mostChanges is how many operations a patch may have.
const mostChanges = 100

// The kinds of operations.
const (
	addOp     = "add"
	replaceOp = "replace"
	removeOp  = "remove"
)

// Operation is one step of a patch (RFC 7644 section 3.5.2).
type Operation struct {
	op    string
	path  Path
	value any
}

// kinds are the operators as clients write them, in lower case; "update" is one of the internal API's examples.
var kinds = map[string]string{addOp: addOp, replaceOp: replaceOp, removeOp: removeOp, "update": replaceOp}

// ReadOperations reads a patch. An operation without a path, whose value is an object, becomes one for each of its members.
// Errors are *Error.
func ReadOperations(values map[string]any) ([]Operation, error) {
	entries, ok := member(values, "Operations").([]any)
	if text, isText := member(values, "Operations").(string); isText { // as a query or form may have it
		ok = json.Unmarshal([]byte(text), &entries) == nil
	}
	switch {
	case !ok, len(entries) == 0:
		return nil, Bad(InvalidSyntax, "Operations is missing")
	case len(entries) > mostChanges:
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Detail: "A patch has at most 100 operations"}
	}
	var operations []Operation
	for _, entry := range entries {
		object, ok := entry.(map[string]any)
		if !ok {
			return nil, Bad(InvalidSyntax, "An operation is an object")
		}
		read, err := readOperation(object)
		if err != nil {
			return nil, err
		}
		operations = append(operations, read...)
	}
	return operations, nil
}

func readOperation(object map[string]any) ([]Operation, error) {
	op, _ := member(object, "op").(string)
	kind, known := kinds[strings.ToLower(op)]
	if !known {
		return nil, Bad(InvalidSyntax, "Unknown operation: "+shown(op))
	}
	value := member(object, "value")
	switch path := member(object, "path").(type) {
	case nil:
		return spread(kind, value)
	case string:
		if path == "" {
			return spread(kind, value)
		}
		p, err := ParsePath(path)
		if err != nil {
			return nil, err
		}
		if kind != removeOp && !has(object, "value") { // which is not null, that would clear
			return nil, Bad(InvalidValue, kind+" needs a value")
		}
		return []Operation{{op: kind, path: p, value: value}}, nil
	}
	return nil, Bad(InvalidPath, "A path is a text")
}

// spread makes an operation of each member of the value that comes without a path.
func spread(kind string, value any) ([]Operation, error) {
	if kind == removeOp {
		return nil, Bad(NoTarget, "remove needs a path")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, Bad(InvalidValue, "Without a path the value is an object of attributes")
	}
	operations := make([]Operation, 0, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		path, err := ParsePath(name)
		if err != nil {
			return nil, err
		}
		operations = append(operations, Operation{op: kind, path: path, value: object[name]})
	}
	return operations, nil
}

// has reports whether an object has a member, in any case.
func has(object map[string]any, name string) bool {
	for key := range object {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// about reports whether an operation is about a whole attribute of a schema, and returns its name in lower case.
func (o *Operation) about(s *Schema) (name string, ok bool) {
	a := o.path.Attribute
	if a.Schema != "" && !strings.EqualFold(a.Schema, s.id) || a.Sub != "" || o.path.Sub != "" {
		return "", false
	}
	return strings.ToLower(a.Name), true
}
