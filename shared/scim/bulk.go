package scim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Bulk is a request of many (RFC 7644 section 3.7).
type Bulk struct {
	FailOnErrors int // after how many errors it ends; 0: never
	Operations   []BulkOperation
}

// BulkOperation is one of them.
type BulkOperation struct {
	Method  string
	BulkID  string
	Path    string
	Version string
	Data    map[string]any
}

// BulkResult is how one ended.
type BulkResult struct {
	Status   int
	Location string
	Version  string // as an entity tag
	ID       string // of the resource that was made
	Body     any    // of an error
}

// failed reports whether it ended with an error.
func (r *BulkResult) failed() bool { return r.Status >= http.StatusBadRequest }

// ReadBulk reads a bulk request. Errors are *Error; what is wrong with one operation is left to its result.
func ReadBulk(values map[string]any) (Bulk, error) {
	entries, ok := member(values, "Operations").([]any)
	switch {
	case !ok:
		return Bulk{}, Bad(InvalidSyntax, "Operations is missing")
	case len(entries) > MostOperations:
		return Bulk{}, &Error{
			Status: http.StatusRequestEntityTooLarge,
			Detail: "A bulk request has at most " + strconv.Itoa(MostOperations) + " operations",
		}
	}
	b := Bulk{FailOnErrors: whole(member(values, "failOnErrors"), 0), Operations: make([]BulkOperation, len(entries))}
	seen := map[string]bool{}
	for i, entry := range entries {
		object, ok := entry.(map[string]any)
		if !ok {
			return Bulk{}, Bad(InvalidSyntax, "An operation is an object")
		}
		o := readBulkOperation(object)
		if o.BulkID != "" && seen[o.BulkID] {
			return Bulk{}, Bad(InvalidValue, "bulkId is there twice: "+shown(o.BulkID))
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

// Target returns what the path names: the schema of the resources, nil if there is none, and the id of one, empty for none.
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

// bulkRef begins a text that stands for the id of a resource that another operation of the request makes.
const bulkRef = "bulkId:"

// refs are the bulkIds that an operation refers to.
func (o *BulkOperation) refs() []string {
	_, id, _ := strings.Cut(strings.Trim(o.Path, "/"), "/")
	return refs(map[string]any{"data": o.Data, "id": id}, nil)
}

// refs adds the bulkIds that a value refers to.
func refs(value any, to []string) []string {
	switch v := value.(type) {
	case string:
		if id, found := strings.CutPrefix(v, bulkRef); found {
			return append(to, id)
		}
	case []any:
		for _, one := range v {
			to = refs(one, to)
		}
	case map[string]any:
		for _, one := range v {
			to = refs(one, to)
		}
	}
	return to
}

// replaced returns a value with ids in the place of the references to them.
func replaced(value any, ids map[string]string) any {
	switch v := value.(type) {
	case string:
		if id, found := strings.CutPrefix(v, bulkRef); found {
			return ids[id]
		}
	case []any:
		entries := make([]any, len(v))
		for i, one := range v {
			entries[i] = replaced(one, ids)
		}
		return entries
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, one := range v {
			object[name] = replaced(one, ids)
		}
		return object
	}
	return value
}
