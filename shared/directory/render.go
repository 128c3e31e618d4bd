package directory

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// digestField is what documents call the digest of a token, where its text is not known any more.
const digestField = "token_digest"

// render returns a record, a pointer to a document's struct, as a document has it: the fields that are not what loading the
// record would make of it by itself. Secrets that are kept as they were given are left out, and counted in omitted.
func render(record any, defaults reflect.Value, identity []string, omitted map[string]int) (json.RawMessage, error) {
	v := reflect.ValueOf(record).Elem()
	s := schemaOf(v.Type())
	fields := map[string]any{}
	for i := range s.fields {
		f := &s.fields[i]
		value := v.FieldByIndex(f.index)
		switch {
		// What is kept under the token's name is its digest.
		case f.token:
			fields[digestField] = value.String()
		case secrets[s.name+"."+f.name]:
			// Counted, so that whoever moves a directory knows what has to be set again by hand.
			if !value.IsZero() {
				omitted[s.name+"."+f.name]++
			}
		// What a load would fill in by itself is left out: documents stay short, and follow when a default is changed.
		case f.required, slices.Contains(identity, f.name), !equal(value, defaults.FieldByIndex(f.index)):
			fields[f.name] = plain(value)
		}
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("directory: export: %w", err)
	}
	return raw, nil
}

// equal compares values of a field. None and an empty list or object are the same to a document.
func equal(a, b reflect.Value) bool {
	if k := a.Kind(); (k == reflect.Slice || k == reflect.Map) && a.Len() == 0 && b.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// plain returns a value with the names of documents. Records within records have all their fields.
func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem())
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plain(v.Index(i))
		}
		return list
	case reflect.Struct:
		// A struct to reflect, a text to a document.
		if _, ok := v.Interface().(time.Time); ok {
			return v.Interface()
		}
		fields := map[string]any{}
		s := schemaOf(v.Type())
		for i := range s.fields {
			value := v.FieldByIndex(s.fields[i].index)
			if value.Kind() != reflect.Pointer || !value.IsNil() {
				fields[s.fields[i].name] = plain(value)
			}
		}
		return fields
	}
	return v.Interface()
}
