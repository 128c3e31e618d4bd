package directory

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"postern/shared/directory/document"
)

// render returns a record, a pointer to a document's struct, as a document has it: the fields that are not what loading the
// record would make of it by itself. Secrets that are kept as they were given are left out, and counted in omitted.
func render(record any, defaults reflect.Value, identity []string, omitted map[string]int) (json.RawMessage, error) {
	v := reflect.ValueOf(record).Elem()
	s := document.SchemaOf(v.Type())
	fields := map[string]any{}
	for i := range s.Fields {
		f := &s.Fields[i]
		value := v.FieldByIndex(f.Index)
		switch {
		// What is kept under the token's name is its digest.
		case f.Token:
			fields[document.DigestField] = value.String()
		case document.Secrets[s.Name+"."+f.Name]:
			// Counted, so that whoever moves a directory knows what has to be set again by hand.
			if !value.IsZero() {
				omitted[s.Name+"."+f.Name]++
			}
		// What a load would fill in by itself is left out: documents stay short, and follow when a default is changed.
		case f.Required, slices.Contains(identity, f.Name), !equal(value, defaults.FieldByIndex(f.Index)):
			fields[f.Name] = plain(value)
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
		s := document.SchemaOf(v.Type())
		for i := range s.Fields {
			value := v.FieldByIndex(s.Fields[i].Index)
			if value.Kind() != reflect.Pointer || !value.IsNil() {
				fields[s.Fields[i].Name] = plain(value)
			}
		}
		return fields
	}
	return v.Interface()
}
