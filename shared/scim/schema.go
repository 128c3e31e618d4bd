package scim

import "strings"

// kind is the data type of an attribute (RFC 7643 section 2.3).
type kind string

const (
	text      kind = "string"
	boolean   kind = "boolean"
	dateTime  kind = "dateTime"
	reference kind = "reference"
	complexed kind = "complex"
)

// mutability says who may set an attribute (RFC 7643 section 7).
type mutability string

const (
	readWrite mutability = "readWrite"
	immutable mutability = "immutable"
	readOnly  mutability = "readOnly"
)

// attribute is one of a schema's, as its definition is answered.
type attribute struct {
	Name            string      `json:"name"`
	Type            kind        `json:"type"`
	SubAttributes   []attribute `json:"subAttributes,omitempty"`
	MultiValued     bool        `json:"multiValued"`
	Description     string      `json:"description"`
	Required        bool        `json:"required"`
	CanonicalValues []string    `json:"canonicalValues,omitempty"`
	CaseExact       bool        `json:"caseExact"`
	Mutability      mutability  `json:"mutability"`
	Returned        string      `json:"returned"`
	Uniqueness      string      `json:"uniqueness"`
	ReferenceTypes  []string    `json:"referenceTypes,omitempty"`
}

// find returns one of the attributes by its name in any case, nil if there is none.
func find(in []attribute, name string) *attribute {
	for i := range in {
		if strings.EqualFold(in[i].Name, name) {
			return &in[i]
		}
	}
	return nil
}

// Schema is what the resources of a type are made of.
type Schema struct {
	id          string
	name        string
	plural      string
	description string
	attributes  []attribute
	common      []attribute // those that every resource has, which definitions leave out (RFC 7643 section 3.1)
}

// ID returns the schema's URN.
func (s *Schema) ID() string { return s.id }

// Name returns the name of the resource type.
func (s *Schema) Name() string { return s.name }

// lookup finds an attribute and the part of it that is named, either nil when there is none.
func (s *Schema) lookup(a Attribute) (whole, part *attribute) {
	if a.Schema != "" && !strings.EqualFold(a.Schema, s.id) {
		return nil, nil
	}
	if whole = find(s.attributes, a.Name); whole == nil {
		whole = find(s.common, a.Name)
	}
	if whole == nil || a.Sub == "" {
		return whole, nil
	}
	return whole, find(whole.SubAttributes, a.Sub)
}

// Has reports whether the schema has an attribute.
func (s *Schema) Has(a Attribute) bool {
	whole, part := s.lookup(a)
	return whole != nil && (a.Sub == "" || part != nil)
}

// plain is a text that others than the client do not set.
func plain(name, description string, m mutability) attribute {
	return attribute{Name: name, Type: text, Description: description, Mutability: m, Returned: "default", Uniqueness: "none"}
}

// required says that there is always a value.
func (a attribute) required() attribute {
	a.Required = true
	return a
}

// exact compares with regard to case.
func (a attribute) exact() attribute {
	a.CaseExact = true
	return a
}

// unique says that no other resource of the tenant has the value.
func (a attribute) unique() attribute {
	a.Uniqueness = "server"
	return a
}

// typed changes the data type.
func (a attribute) typed(k kind) attribute {
	a.Type = k
	return a
}

// of makes the attribute a complex one.
func (a attribute) of(parts ...attribute) attribute {
	a.Type, a.SubAttributes = complexed, parts
	return a
}

// many makes it multi-valued.
func (a attribute) many() attribute {
	a.MultiValued = true
	return a
}

// among names the values that there are.
func (a attribute) among(values ...string) attribute {
	a.CanonicalValues = values
	return a
}

// leadsTo makes it a reference to a type of resources.
func (a attribute) leadsTo(types ...string) attribute {
	a.Type, a.ReferenceTypes, a.CaseExact = reference, types, true
	return a
}
