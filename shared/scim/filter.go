package scim

import (
	"encoding/json"
	"strings"
)

// Filter is a parsed filter (RFC 7644 section 3.4.2.2). It is checked against a schema and evaluated in memory. No query
// is built from its text.
type Filter interface {
	// String prints the filter. Parsing that text gives an equal filter.
	String() string
	check(s *Schema, parent *attribute) error
	matches(v evaluation, value map[string]any) bool
}

// Operator is a comparison operator in lower case.
type Operator string

// The operators of RFC 7644, table 3.
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

var operators = []Operator{
	Equal, NotEqual, Contains, StartsWith, EndsWith, Greater, GreaterOrEqual, Less, LessOrEqual,
}

// literal is a value in a filter. Clients write strings with and without quotes (internal API, available filters), so the
// attribute's type decides how the value is read.
type literal struct {
	text   string
	quoted bool
}

func (l literal) null() bool { return !l.quoted && l.text == "null" }

func (l literal) String() string {
	if !l.quoted {
		return l.text
	}
	quoted, _ := json.Marshal(l.text) // texts are always encoded
	return string(quoted)
}

// comparison compares an attribute with a value.
type comparison struct {
	attribute Attribute
	operator  Operator
	value     literal
}

func (c *comparison) String() string {
	return c.attribute.String() + " " + string(c.operator) + " " + c.value.String()
}

// presence checks that an attribute has a value.
type presence struct{ attribute Attribute }

func (p *presence) String() string { return p.attribute.String() + " pr" }

// selection checks that one value of an attribute matches a filter: emails[type eq "work"].
type selection struct {
	attribute Attribute
	values    Filter
}

func (s *selection) String() string { return s.attribute.String() + "[" + s.values.String() + "]" }

type negation struct{ of Filter }

func (n *negation) String() string { return "not (" + n.of.String() + ")" }

// conjunction and disjunction have at least two elements.
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

// ParseFilter parses a filter. Errors are *Error of the type invalidFilter.
func ParseFilter(text string) (Filter, error) {
	scan := &parser{text: text}
	if len(text) <= longestPath {
		if filter, ok := scan.filter(); ok && scan.rest() == "" {
			return filter, nil
		}
	}
	return nil, Bad(InvalidFilter, "Unsupported Filter: "+shown(text))
}
