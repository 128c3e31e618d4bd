package document

import (
	"reflect"
	"strings"
)

// Schema is what a document may say about one kind of record: the fields of its struct, by their json names.
type Schema struct {
	Name   string
	Fields []Field
	ByName map[string]*Field
}

// Field is one field of a record.
type Field struct {
	Name     string
	Index    []int
	Required bool // must be given for a new record
	Token    bool // given in clear or as a digest, kept as a digest
}

// SchemaOf reads the tags of a struct. Fields that the service keeps for itself (directory:"-") are left out.
func SchemaOf(t reflect.Type) *Schema {
	s := &Schema{Name: t.Name(), ByName: map[string]*Field{}}
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
		s.Fields = append(s.Fields, Field{
			Name:     name,
			Index:    f.Index,
			Required: use == "required" || use == "token",
			Token:    use == "token",
		})
	}
	for i := range s.Fields {
		s.ByName[s.Fields[i].Name] = &s.Fields[i]
		if s.Fields[i].Token {
			s.ByName[DigestField] = &s.Fields[i]
		}
	}
	// PlacedProject and the like add where a record lies; to documents they are the records that they are around.
	if len(t.Name()) > 0 && t.NumField() > 0 && t.Field(0).Anonymous {
		s.Name = t.Field(0).Name // a struct around a domain's one
	}
	return s
}
