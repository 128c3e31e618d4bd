package scim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Bulk is a bulk request (RFC 7644 section 3.7).
type Bulk struct {
	FailOnErrors int // the run stops after this many errors; 0: never
	Operations   []BulkOperation
}

// BulkOperation is one operation of a bulk request. Data is nil if the request has no object there.
type BulkOperation struct {
	Method  string
	BulkID  string
	Path    string
	Version string
	Data    map[string]any
}

// BulkResult is the outcome of one operation.
type BulkResult struct {
	Status   int
	Location string
	Version  string // as an entity tag
	ID       string // of the created resource
	Body     any    // only for an error
}

func (r *BulkResult) failed() bool { return r.Status >= http.StatusBadRequest }

// ReadBulk parses a bulk request. Errors are *Error. A malformed operation is not an error here: Run reports it in that
// operation's result.
func ReadBulk(values map[string]any) (Bulk, error) {
	entries, ok := member(values, "Operations").([]any)
	switch {
	case !ok:
		return Bulk{}, Bad(InvalidSyntax, "Operations is missing")
	case len(entries) > MaxOperations:
		return Bulk{}, &Error{
			Status: http.StatusRequestEntityTooLarge,
			Detail: "A bulk request has at most " + strconv.Itoa(MaxOperations) + " operations",
		}
	}
	b := Bulk{FailOnErrors: integer(member(values, "failOnErrors"), 0), Operations: make([]BulkOperation, len(entries))}
	seen := map[string]bool{}
	for i, entry := range entries {
		object, ok := entry.(map[string]any)
		if !ok {
			return Bulk{}, Bad(InvalidSyntax, "An operation must be an object")
		}
		o := readBulkOperation(object)
		if o.BulkID != "" && seen[o.BulkID] {
			return Bulk{}, Bad(InvalidValue, "Duplicate bulkId: "+shown(o.BulkID))
		}
		seen[o.BulkID] = true
		b.Operations[i] = o
	}
	return b, nil
}

func readBulkOperation(object map[string]any) BulkOperation {
	var o BulkOperation
	for _, field := range []struct {
		name string
		to   *string
	}{{"method", &o.Method}, {"bulkId", &o.BulkID}, {"path", &o.Path}, {"version", &o.Version}} {
		*field.to, _ = member(object, field.name).(string)
	}
	o.Method = strings.ToUpper(o.Method)
	o.Data, _ = structured(member(object, "data")).(map[string]any)
	return o
}

// Target parses the path. The schema is nil for an unknown resource type. The id is empty for a path without one.
func (o *BulkOperation) Target() (s *Schema, id string) {
	name, id, _ := strings.Cut(strings.Trim(o.Path, "/"), "/")
	for _, s := range schemas {
		if s.plural == name {
			decoded, err := url.PathUnescape(id)
			if err != nil {
				return nil, ""
			}
			return s, decoded
		}
	}
	return nil, ""
}

// bulkRef is the prefix of a reference to the resource that another operation of the request creates.
const bulkRef = "bulkId:"

// refs returns the bulkIds that an operation refers to.
func (o *BulkOperation) refs() []string {
	_, id, _ := strings.Cut(strings.Trim(o.Path, "/"), "/")
	return collectRefs(map[string]any{"data": o.Data, "id": id}, nil)
}

// collectRefs appends the bulkIds that a value refers to.
func collectRefs(value any, to []string) []string {
	switch v := value.(type) {
	case string:
		if id, found := strings.CutPrefix(v, bulkRef); found {
			return append(to, id)
		}
	case []any:
		for _, one := range v {
			to = collectRefs(one, to)
		}
	case map[string]any:
		for _, one := range v {
			to = collectRefs(one, to)
		}
	}
	return to
}

// resolveRefs returns a copy of a value with ids in place of references.
func resolveRefs(value any, ids map[string]string) any {
	switch v := value.(type) {
	case string:
		if id, found := strings.CutPrefix(v, bulkRef); found {
			return ids[id]
		}
	case []any:
		entries := make([]any, len(v))
		for i, one := range v {
			entries[i] = resolveRefs(one, ids)
		}
		return entries
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, one := range v {
			object[name] = resolveRefs(one, ids)
		}
		return object
	}
	return value
}
