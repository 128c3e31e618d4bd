package scim

import (
	"encoding/json"
	"strings"
)

// Filter is a question about a resource, as a tree (RFC 7644 section 3.4.2.2). It is read from text, checked against a schema
// and evaluated; nothing is ever built from its text.
type Filter interface {
	// String returns the filter as it is written; reading that gives the same tree.
	String() string
	check(s *Schema, parent *attribute) error
	matches(v evaluation, value map[string]any) bool
}

// Operator compares an attribute with a value.
type Operator string

// The operators.
const (
	Equal          Operator = "eq"
	NotEqual       Operator = "ne"
	Contains       Operator = "co"
	StartsWith     Operator = "sw"
	EndsWith       Operator = "ew"
	Greater        Operator = "gt"
	GreaterOrEqual Operator = "ge"
	Less           Operator = "lt"
	LessOrEqual    Operator = "le"
)

// operators are all of them.
var operators = []Operator{
	Equal, NotEqual, Contains, StartsWith, EndsWith, Greater, GreaterOrEqual, Less, LessOrEqual,
}

// literal is a value in a filter. Clients write texts with quotes and without (internal API, available filters), so what it
// means depends on the attribute that it is compared with.
type literal struct {
	text   string
	quoted bool
}

// null reports whether the value is the JSON null.
func (l literal) null() bool { return !l.quoted && l.text == "null" }

func (l literal) String() string {
	if !l.quoted {
		return l.text
	}
	quoted, _ := json.Marshal(l.text) // texts are always encoded
	return string(quoted)
}

// comparison asks how an attribute compares with a value.
type comparison struct {
	attribute Attribute
	operator  Operator
	value     literal
}

func (c *comparison) String() string {
	return c.attribute.String() + " " + string(c.operator) + " " + c.value.String()
}

// presence asks whether an attribute has a value.
type presence struct{ attribute Attribute }

func (p *presence) String() string { return p.attribute.String() + " pr" }

// selection asks whether one of an attribute's values answers a filter: emails[type eq "work"].
type selection struct {
	attribute Attribute
	values    Filter
}

func (s *selection) String() string { return s.attribute.String() + "[" + s.values.String() + "]" }

// negation asks for the opposite.
type negation struct{ of Filter }

func (n *negation) String() string { return "not (" + n.of.String() + ")" }

// conjunction and disjunction ask for all, or any, of at least two.
type (
	conjunction []Filter
	disjunction []Filter
)

func (c conjunction) String() string {
	parts := make([]string, len(c))
	for i, f := range c {
		parts[i] = f.String()
		if _, weaker := f.(disjunction); weaker {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " and ")
}

func (d disjunction) String() string {
	parts := make([]string, len(d))
	for i, f := range d {
		parts[i] = f.String()
	}
	return strings.Join(parts, " or ")
}

// ParseFilter reads a filter. Errors are *Error of the type invalidFilter.
func ParseFilter(text string) (Filter, error) {
	scan := &parser{text: text}
	if len(text) <= longestPath {
		if filter, ok := scan.filter(); ok && scan.rest() == "" {
			return filter, nil
		}
	}
	return nil, Bad(InvalidFilter, "Unsupported Filter: "+shown(text))
}
