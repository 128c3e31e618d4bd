package document

import (
	"bytes"
	"encoding/json"
)

// Object is the fields of a record as the document has them.
type Object map[string]json.RawMessage

// Parse reads a record's fields. It returns nil, and notes the mistake, when the record is no object.
func Parse(data json.RawMessage, place string, m *Mistakes) Object {
	dec := json.NewDecoder(bytes.NewReader(data))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		m.Add(place, "must be an object")
		return nil
	}
	// Read by hand, because encoding/json takes the last of two fields of one name and says nothing.
	fields := Object{}
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			m.Add(place, "must be an object")
			return nil
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			m.Add(place, "must be an object")
			return nil
		}
		if _, twice := fields[name]; twice {
			m.Add(place+"."+name, "is given twice")
		}
		fields[name] = value
	}
	return fields
}

// Given reports whether the record has a field, null or not.
func (o Object) Given(name string) bool {
	_, ok := o[name]
	return ok
}

// IsNull reports whether a value is null.
func IsNull(value json.RawMessage) bool { return string(value) == "null" }

// Has reports whether the record has a field that is not null.
func (o Object) Has(name string) bool { return o.Given(name) && !IsNull(o[name]) }
