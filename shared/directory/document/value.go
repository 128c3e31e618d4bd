package document

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/shared/gitlab"
)

// maxID is the largest id: the largest integer that every JSON implementation keeps exactly.
//
// Beyond it a client that reads numbers as doubles would take one id for another.
const maxID = 1 << 53

// Reader turns values of a document into values of the domain.
type Reader struct {
	Mistakes *Mistakes
	// rule is the name of the field in the tables of what is allowed: "Project.visibility".
	Rule string
}

// Read sets v to a value that is not null. It notes what is wrong with it and reports whether it was right.
func (r Reader) Read(v reflect.Value, data json.RawMessage, place string) bool {
	switch v.Interface().(type) {
	case time.Time:
		return r.readTime(v, data, place)
	case gitlab.Date:
		return r.readDate(v, data, place)
	}
	switch v.Kind() {
	case reflect.Pointer:
		inner := reflect.New(v.Type().Elem())
		if !r.Read(inner.Elem(), data, place) {
			return false
		}
		v.Set(inner)
		return true
	case reflect.String:
		return r.readText(v, data, place)
	case reflect.Int, reflect.Int64:
		return r.readInteger(v, data, place)
	case reflect.Bool:
		var b bool
		if json.Unmarshal(data, &b) != nil {
			r.Mistakes.Add(place, "must be true or false")
			return false
		}
		v.SetBool(b)
		return true
	case reflect.Slice:
		return r.readList(v, data, place)
	case reflect.Map:
		return r.readMap(v, data, place)
	case reflect.Struct:
		return r.readStruct(v, data, place)
	default:
		r.Mistakes.Add(place, "can't be given")
		return false
	}
}

// readText sets a text that its type, its list of values, its length and its form allow.
func (r Reader) readText(v reflect.Value, data json.RawMessage, place string) bool {
	var s string
	if json.Unmarshal(data, &s) != nil {
		r.Mistakes.Add(place, "must be a string")
		return false
	}
	if allowed, ok := Enumerations[v.Type()]; ok && !slices.Contains(allowed, s) {
		r.Mistakes.Add(place, "must be one of %s", strings.Join(allowed, ", "))
		return false
	}
	if wrong := CheckText(r.Rule, s); wrong != "" {
		r.Mistakes.Add(place, "%s", wrong)
		return false
	}
	v.SetString(s)
	return true
}

// readInteger takes integers as they are written: neither 1.0 nor "1" is one.
func (r Reader) readInteger(v reflect.Value, data json.RawMessage, place string) bool {
	n, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil {
		r.Mistakes.Add(place, "must be an integer")
		return false
	}
	if IsID(r.Rule) && (n <= 0 || n > maxID) {
		r.Mistakes.Add(place, "must be a positive integer up to %d", int64(maxID))
		return false
	}
	if wrong := checkNumber(r.Rule, n); wrong != "" {
		r.Mistakes.Add(place, "%s", wrong)
		return false
	}
	v.SetInt(n)
	return true
}

// IsID reports whether a field holds ids.
func IsID(rule string) bool {
	_, name, _ := strings.Cut(rule, ".")
	return name == "id" || name == "iid" || strings.HasSuffix(name, "_id")
}

// readTime keeps the moment in UTC.
func (r Reader) readTime(v reflect.Value, data json.RawMessage, place string) bool {
	var s string
	if json.Unmarshal(data, &s) == nil {
		if t, ok := parseTime(s, DatesToo[r.Rule]); ok {
			v.Set(reflect.ValueOf(t))
			return true
		}
	}
	if DatesToo[r.Rule] {
		r.Mistakes.Add(place, "must be a time such as 2026-01-31T12:00:00Z or a date such as 2026-01-31")
	} else {
		r.Mistakes.Add(place, "must be a time such as 2026-01-31T12:00:00Z (RFC 3339)")
	}
	return false
}

// parseTime reads a time of RFC 3339, or a date, which means its first moment in UTC.
func parseTime(s string, date bool) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil && date {
		t, err = time.Parse(time.DateOnly, s)
	}
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return time.Time{}, false
	}
	return t.UTC(), true
}

// readDate keeps a day as its text, which is how days are compared.
func (r Reader) readDate(v reflect.Value, data json.RawMessage, place string) bool {
	var s string
	if json.Unmarshal(data, &s) == nil {
		if _, err := time.Parse(time.DateOnly, s); err == nil {
			v.SetString(s)
			return true
		}
	}
	r.Mistakes.Add(place, "must be a date such as 2026-01-31")
	return false
}

// listed bounds how long a list in a record may be.
const listed = 1000

// readList reads every entry, so that all mistakes are found. An empty list is kept as none, as an absent one is.
func (r Reader) readList(v reflect.Value, data json.RawMessage, place string) bool {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		r.Mistakes.Add(place, "must be an array")
		return false
	}
	if len(items) > lengthOf(r.Rule) {
		r.Mistakes.Add(place, "has too many entries (maximum is %d)", lengthOf(r.Rule))
		return false
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	right := true
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", place, i)
		if IsNull(item) {
			r.Mistakes.Add(at, "must not be null")
			right = false
			continue
		}
		right = r.Read(list.Index(i), item, at) && right
	}
	// One form for none, or clearing a list and emptying it would be two states.
	if right && len(items) == 0 {
		list = reflect.Zero(v.Type())
	}
	if right {
		v.Set(list)
	}
	return right
}

// readMap reads an object of texts, whose names are free.
func (r Reader) readMap(v reflect.Value, data json.RawMessage, place string) bool {
	var entries map[string]*string
	if json.Unmarshal(data, &entries) != nil {
		r.Mistakes.Add(place, "must be an object of strings")
		return false
	}
	// Made anew instead of filled: what is given as a whole replaces what was there.
	values := reflect.MakeMap(v.Type())
	for name, value := range entries {
		if value == nil {
			r.Mistakes.Add(place+"."+name, "must be a string")
			return false
		}
		values.SetMapIndex(reflect.ValueOf(name), reflect.ValueOf(*value))
	}
	if len(entries) == 0 {
		values = reflect.Zero(v.Type())
	}
	v.Set(values)
	return true
}

// readStruct reads a record within a record, which starts from its defaults.
func (r Reader) readStruct(v reflect.Value, data json.RawMessage, place string) bool {
	// Whether it was right is told by the count, because its fields note their own mistakes.
	before := r.Mistakes.Count()
	fields := Parse(data, place, r.Mistakes)
	if fields == nil {
		return false
	}
	if fresh, ok := NestedDefaults[v.Type()]; ok {
		v.Set(reflect.ValueOf(fresh))
	}
	s := SchemaOf(v.Type())
	s.Merge(v, reflect.ValueOf(v.Interface()), fields, place, true, r.Mistakes)
	return r.Mistakes.Count() == before
}

// Count returns how many mistakes there are so far.
func (m *Mistakes) Count() int { return len(m.List) + m.More }
