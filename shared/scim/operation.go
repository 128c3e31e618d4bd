package scim

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// mostChanges limits the operations of a patch.
const mostChanges = 100

const (
	addOp     = "add"
	replaceOp = "replace"
	removeOp  = "remove"
)

// Operation is one operation of a patch (RFC 7644 section 3.5.2).
type Operation struct {
	op    string
	path  Path
	value any
}

// opNames maps operators in lower case. "update" appears in the internal API's examples.
var opNames = map[string]string{addOp: addOp, replaceOp: replaceOp, removeOp: removeOp, "update": replaceOp}

// ReadOperations parses a patch. An operation without a path becomes one operation for each member of its value. Errors
// are *Error.
func ReadOperations(values map[string]any) ([]Operation, error) {
	entries, ok := member(values, "Operations").([]any)
	if text, isText := member(values, "Operations").(string); isText { // queries and forms send text
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
			return nil, Bad(InvalidSyntax, "An operation must be an object")
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
	name, _ := member(object, "op").(string)
	op, known := opNames[strings.ToLower(name)]
	if !known {
		return nil, Bad(InvalidSyntax, "Unknown operation: "+shown(name))
	}
	value := member(object, "value")
	switch path := member(object, "path").(type) {
	case nil:
		return spread(op, value)
	case string:
		if path == "" {
			return spread(op, value)
		}
		p, err := ParsePath(path)
		if err != nil {
			return nil, err
		}
		if op != removeOp && !has(object, "value") { // null clears the attribute and is allowed
			return nil, Bad(InvalidValue, op+" needs a value")
		}
		return []Operation{{op: op, path: p, value: value}}, nil
	}
	return nil, Bad(InvalidPath, "path must be a string")
}

// spread makes an operation of each member of a value without a path.
func spread(op string, value any) ([]Operation, error) {
	if op == removeOp {
		return nil, Bad(NoTarget, "remove needs a path")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, Bad(InvalidValue, "Without a path the value must be an object")
	}
	operations := make([]Operation, 0, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		path, err := ParsePath(name)
		if err != nil {
			return nil, err
		}
		operations = append(operations, Operation{op: op, path: path, value: object[name]})
	}
	return operations, nil
}

// has reports whether an object has a member with the name in any case.
func has(object map[string]any, name string) bool {
	for key := range object {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// about returns the attribute's name in lower case. ok is false for a sub-attribute and for another schema.
func (o *Operation) about(s *Schema) (name string, ok bool) {
	a := o.path.Attribute
	if a.Schema != "" && !strings.EqualFold(a.Schema, s.id) || a.Sub != "" || o.path.Sub != "" {
		return "", false
	}
	return strings.ToLower(a.Name), true
}
