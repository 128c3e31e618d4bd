package httpapi

import (
	"errors"
	"net/url"
	"strings"
)

const (
	mostFields    = 4096 // of a form or query, as servers of this API allow
	deepestField  = 32
	shownOfFields = 64 // bytes of a field's name that an error repeats
)

var errTooManyFields = errors.New("httpapi: too many fields")

// form collects fields whose names say where they belong: a[b] is the member b of a, a[] one more entry of the list
// a, and a[][b] the member b of the last entry, or of a new one when that has it already. Of plain fields that
// repeat, the last one counts.
type form struct {
	values map[string]any
	fields int
}

func newForm() *form { return &form{values: map[string]any{}} }

// parseForm reads application/x-www-form-urlencoded.
func parseForm(raw string) (map[string]any, error) {
	f := newForm()
	for raw != "" {
		var field string
		field, raw, _ = strings.Cut(raw, "&")
		if field == "" {
			continue
		}
		name, value, _ := strings.Cut(field, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, err
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, err
		}
		if err := f.add(name, value); err != nil {
			return nil, err
		}
	}
	return f.values, nil
}

// add places one field. It returns an *Error that names the field when it is nested too deep or does not go together
// with the ones before.
func (f *form) add(name string, value any) error {
	if f.fields++; f.fields > mostFields {
		return errTooManyFields
	}
	head, rest := splitName(name)
	if len(rest) > deepestField {
		return invalidField(head)
	}
	placed, ok := place(f.values[head], rest, value)
	if !ok {
		return invalidField(head)
	}
	f.values[head] = placed
	return nil
}

// invalidField names a field in an error, as far as it is worth repeating.
func invalidField(name string) *Error {
	name = strings.ToValidUTF8(name[:min(len(name), shownOfFields)], "")
	return &Error{code: codeInvalidParams, text: name + " is invalid"}
}

// splitName returns the name before the brackets and what stands in each pair. A name whose brackets do not pair is
// taken as it is.
func splitName(name string) (head string, rest []string) {
	open := strings.IndexByte(name, '[')
	if open <= 0 || name[len(name)-1] != ']' {
		return name, nil
	}
	inner := name[open+1 : len(name)-1]
	rest = strings.SplitN(inner, "][", deepestField+2)
	for _, part := range rest {
		if strings.ContainsAny(part, "[]") && len(rest) <= deepestField {
			return name, nil
		}
	}
	return name[:open], rest
}

// place returns what is at a position after a value was put below it; ok is false when something else is there.
func place(at any, rest []string, value any) (placed any, ok bool) {
	if len(rest) == 0 {
		return value, true
	}
	if rest[0] == "" {
		list, ok := at.([]any)
		if at != nil && !ok {
			return nil, false
		}
		return enlist(list, rest[1:], value)
	}
	members, ok := at.(map[string]any)
	if at != nil && !ok {
		return nil, false
	}
	if members == nil {
		members = map[string]any{}
	}
	below, ok := place(members[rest[0]], rest[1:], value)
	members[rest[0]] = below
	return members, ok
}

// enlist adds a value to a list, as a new entry or as a further member of the last one.
func enlist(list []any, rest []string, value any) (placed any, ok bool) {
	// Without brackets behind it every value is a new entry; with some it may belong to the entry before.
	if last := len(list) - 1; last >= 0 && len(rest) > 0 {
		if members, isMap := list[last].(map[string]any); isMap && !holds(members, rest) {
			_, ok := place(members, rest, value)
			return list, ok
		}
	}
	entry, ok := place(nil, rest, value)
	return append(list, entry), ok
}

// holds reports whether a member is there already, so that one more of its name begins the next entry.
func holds(members map[string]any, path []string) bool {
	at, there := members[path[0]]
	if !there || len(path) == 1 {
		return there
	}
	inner, isMap := at.(map[string]any)
	return isMap && path[1] != "" && holds(inner, path[1:])
}
