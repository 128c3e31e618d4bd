package directory

import (
	"bytes"
	"encoding/json"
)

// object is the fields of a record as the document has them.
type object map[string]json.RawMessage

// parse reads a record's fields. It returns nil, and notes the mistake, when the record is no object.
func parse(data json.RawMessage, place string, m *mistakes) object {
	dec := json.NewDecoder(bytes.NewReader(data))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		m.add(place, "must be an object")
		return nil
	}
	// Read by hand, because encoding/json takes the last of two fields of one name and says nothing.
	fields := object{}
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			m.add(place, "must be an object")
			return nil
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			m.add(place, "must be an object")
			return nil
		}
		if _, twice := fields[name]; twice {
			m.add(place+"."+name, "is given twice")
		}
		fields[name] = value
	}
	return fields
}

// given reports whether the record has a field, null or not.
func (o object) given(name string) bool {
	_, ok := o[name]
	return ok
}

// isNull reports whether a value is null.
func isNull(value json.RawMessage) bool { return string(value) == "null" }
