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

// mutability defines the allowed changes of an attribute (RFC 7643 section 7).
type mutability string

const (
	readWrite mutability = "readWrite"
	immutable mutability = "immutable"
	readOnly  mutability = "readOnly"
)

// attribute is the published definition of an attribute.
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

// find returns the attribute with a name in any case, nil if it is unknown.
func find(in []attribute, name string) *attribute {
	for i := range in {
		if strings.EqualFold(in[i].Name, name) {
			return &in[i]
		}
	}
	return nil
}

// Schema is the definition of a resource type.
type Schema struct {
	id          string
	name        string
	plural      string
	description string
	attributes  []attribute
	common      []attribute // attributes of every resource, not part of the published definition (RFC 7643 section 3.1)
}

// Name returns the name of the resource type.
func (s *Schema) Name() string { return s.name }

// lookup returns an attribute and its named sub-attribute; either is nil if unknown.
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

// Has reports whether the schema defines an attribute.
func (s *Schema) Has(a Attribute) bool {
	whole, part := s.lookup(a)
	return whole != nil && (a.Sub == "" || part != nil)
}

// plain is an optional string without uniqueness. The methods below change one property each.
func plain(name, description string, m mutability) attribute {
	return attribute{Name: name, Type: text, Description: description, Mutability: m, Returned: "default", Uniqueness: "none"}
}

func (a attribute) required() attribute {
	a.Required = true
	return a
}

func (a attribute) exact() attribute {
	a.CaseExact = true
	return a
}

// unique marks a value as unique within the tenant.
func (a attribute) unique() attribute {
	a.Uniqueness = "server"
	return a
}

func (a attribute) typed(k kind) attribute {
	a.Type = k
	return a
}

// of makes the attribute complex.
func (a attribute) of(parts ...attribute) attribute {
	a.Type, a.SubAttributes = complexed, parts
	return a
}

// many makes the attribute multi-valued.
func (a attribute) many() attribute {
	a.MultiValued = true
	return a
}

// among sets the canonical values.
func (a attribute) among(values ...string) attribute {
	a.CanonicalValues = values
	return a
}

// leadsTo makes the attribute a reference to resources of the types.
func (a attribute) leadsTo(types ...string) attribute {
	a.Type, a.ReferenceTypes, a.CaseExact = reference, types, true
	return a
}
