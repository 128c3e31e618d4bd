package starboard

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"postern/shared/gitlab"
)

// kind is the type of a field.
type kind int

const (
	isText kind = iota
	isObject
	isList   // list of objects
	isVendor // string, or object with a name
)

// field is one field of the schema of security reports (internal API, create Starboard vulnerability). Mistakes are listed
// in the schema's order.
type field struct {
	name     string
	kind     kind
	required bool
	or       string // the field's name in the documentation
	oneOf    []string
	fields   []field
}

var (
	severities  = []string{"info", "unknown", "low", "medium", "high", "critical"}
	confidences = []string{"ignore", "unknown", "experimental", "low", "medium", "high", "confirmed"}

	schema = []field{
		{name: "vulnerability", kind: isObject, required: true, fields: []field{
			{name: "name", required: true},
			{name: "severity", required: true, oneOf: severities},
			{name: "confidence", oneOf: confidences},
			{name: "location", kind: isObject, required: true, fields: []field{
				{name: "kubernetes_resource", kind: isObject, required: true, fields: []field{
					{name: "namespace", required: true},
					{name: "kind", required: true},
					{name: "name", required: true},
					{name: "container_name", required: true, or: "container"},
					{name: "agent_id"},
				}},
				{name: "image"},
				{name: "dependency", kind: isObject, fields: []field{
					{name: "package", kind: isObject, fields: []field{{name: "name"}}},
					{name: "version"},
				}},
				{name: "operating_system"},
			}},
			{name: "identifiers", kind: isList, required: true, fields: []field{
				{name: "type", required: true}, {name: "name", required: true}, {name: "value"}, {name: "url"},
			}},
			{name: "message"},
			{name: "description"},
			{name: "solution"},
			{name: "links", kind: isList, fields: []field{{name: "name"}, {name: "url"}}},
		}},
		{name: "scanner", kind: isObject, required: true, fields: []field{
			{name: "id", required: true}, {name: "name", required: true}, {name: "vendor", kind: isVendor, required: true},
		}},
	}
)

// check returns all mistakes of a report in the schema's order. It lowercases enumerated values in place.
func check(body map[string]any, agent gitlab.ID) []string {
	mistakes := checkFields(schema, body, "")
	given := text(body, "vulnerability", "location", "kubernetes_resource", "agent_id")
	if given != "" && given != strconv.FormatInt(agent, 10) {
		mistakes = append(mistakes, "vulnerability[location][kubernetes_resource][agent_id] is invalid")
	}
	return mistakes
}

func checkFields(fields []field, object map[string]any, place string) []string {
	var mistakes []string
	for i := range fields {
		f := &fields[i]
		value := object[f.name]
		if value == nil && f.or != "" {
			value = object[f.or]
		}
		at := place + "[" + f.name + "]"
		if place == "" {
			at = f.name
		}
		switch {
		case value == nil && f.required:
			mistakes = append(mistakes, f.missing(at)...)
		case value != nil:
			mistakes = append(mistakes, f.check(object, value, at)...)
		}
	}
	return mistakes
}

// missing returns the mistake for a missing field and for its required fields.
func (f *field) missing(at string) []string {
	mistakes := []string{at + " is missing"}
	for i := range f.fields {
		if f.fields[i].required {
			mistakes = append(mistakes, f.fields[i].missing(at+"["+f.fields[i].name+"]")...)
		}
	}
	return mistakes
}

func (f *field) check(parent map[string]any, value any, at string) []string {
	wrong := []string{at + " is invalid"}
	object, isMap := value.(map[string]any)
	switch f.kind {
	case isObject:
		if !isMap {
			return wrong
		}
		return checkFields(f.fields, object, at)
	case isList:
		return f.checkList(value, at)
	case isVendor:
		if _, ok := object["name"].(string); isMap && ok {
			return nil
		}
	case isText:
	}
	s, ok := plain(value)
	switch {
	case !ok, f.required && strings.TrimSpace(s) == "":
		return wrong
	case f.oneOf != nil:
		s = strings.ToLower(s)
		parent[f.name] = s
		if !slices.Contains(f.oneOf, s) {
			return wrong
		}
	}
	return nil
}

func (f *field) checkList(value any, at string) []string {
	list, ok := value.([]any)
	if !ok || f.required && len(list) == 0 {
		return []string{at + " is invalid"}
	}
	var mistakes []string
	for i, entry := range list {
		place := fmt.Sprintf("%s[%d]", at, i)
		object, ok := entry.(map[string]any)
		if !ok {
			mistakes = append(mistakes, place+" is invalid")
			continue
		}
		mistakes = append(mistakes, checkFields(f.fields, object, place)...)
	}
	return mistakes
}

// plain returns a string, or a number as it was written.
func plain(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, utf8.ValidString(v)
	case json.Number:
		return v.String(), true
	}
	return "", false
}
