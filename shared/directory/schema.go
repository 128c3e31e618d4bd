package directory

import (
	"reflect"
	"strings"
)

// schema is what a document may say about one kind of record: the fields of its struct, by their json names.
type schema struct {
	name   string
	fields []field
	byName map[string]*field
}

// field is one field of a record.
type field struct {
	name     string
	index    []int
	required bool // must be given for a new record
	token    bool // given in clear or as a digest, kept as a digest
}

// schemaOf reads the tags of a struct. Fields that the service keeps for itself (directory:"-") are left out.
func schemaOf(t reflect.Type) *schema {
	s := &schema{name: t.Name(), byName: map[string]*field{}}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		use := f.Tag.Get("directory")
		if f.Anonymous || name == "" || name == "-" || use == "-" {
			continue
		}
		// The stored field is named token_digest, which a document may give instead.
		if use == "token" {
			name = "token"
		}
		s.fields = append(s.fields, field{
			name:     name,
			index:    f.Index,
			required: use == "required" || use == "token",
			token:    use == "token",
		})
	}
	for i := range s.fields {
		s.byName[s.fields[i].name] = &s.fields[i]
		if s.fields[i].token {
			s.byName[digestField] = &s.fields[i]
		}
	}
	// PlacedProject and the like add where a record lies; to documents they are the records that they are around.
	if len(t.Name()) > 0 && t.NumField() > 0 && t.Field(0).Anonymous {
		s.name = t.Field(0).Name // a struct around a domain's one
	}
	return s
}
