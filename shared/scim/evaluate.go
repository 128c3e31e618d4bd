package scim

import (
	"strings"
	"time"
)

// evaluation is the scope in which a filter names attributes: a schema, or the sub-attributes of one value.
type evaluation struct {
	schema     *Schema
	attributes []attribute // nil: the schema's
}

// lookup finds the attribute that a filter names.
func (v evaluation) lookup(a Attribute) (whole, part *attribute) {
	if v.attributes != nil {
		return find(v.attributes, a.Name), nil
	}
	return v.schema.lookup(a)
}

// Check returns an error of the type invalidFilter for an unknown attribute and for an operator that does not fit the
// attribute's type. Errors are *Error.
func Check(f Filter, s *Schema) error { return f.check(s, nil) }

// Matches evaluates a checked filter on a resource of the schema.
func Matches(f Filter, s *Schema, r Resource) bool { return f.matches(evaluation{schema: s}, r) }

func (c conjunction) check(s *Schema, parent *attribute) error { return checkAll(c, s, parent) }
func (d disjunction) check(s *Schema, parent *attribute) error { return checkAll(d, s, parent) }
func (n *negation) check(s *Schema, parent *attribute) error   { return n.of.check(s, parent) }

func checkAll(filters []Filter, s *Schema, parent *attribute) error {
	for _, f := range filters {
		if err := f.check(s, parent); err != nil {
			return err
		}
	}
	return nil
}

func (c conjunction) matches(v evaluation, value map[string]any) bool {
	for _, f := range c {
		if !f.matches(v, value) {
			return false
		}
	}
	return true
}

func (d disjunction) matches(v evaluation, value map[string]any) bool {
	for _, f := range d {
		if f.matches(v, value) {
			return true
		}
	}
	return false
}

func (n *negation) matches(v evaluation, value map[string]any) bool { return !n.of.matches(v, value) }

// target returns the attribute that a filter compares: the named sub-attribute, or else the attribute itself.
func target(s *Schema, parent *attribute, a Attribute) (*attribute, error) {
	v := evaluation{schema: s}
	if parent != nil {
		v.attributes = parent.SubAttributes
	}
	whole, part := v.lookup(a)
	switch {
	case whole == nil, a.Sub != "" && part == nil:
		return nil, Bad(InvalidFilter, "Unknown attribute: "+shown(a.String()))
	case part != nil:
		return part, nil
	}
	return whole, nil
}

func (p *presence) check(s *Schema, parent *attribute) error {
	_, err := target(s, parent, p.attribute)
	return err
}

func (p *presence) matches(v evaluation, value map[string]any) bool {
	return len(valuesOf(value, p.attribute)) > 0
}

func (s *selection) check(schema *Schema, parent *attribute) error {
	whole, err := target(schema, parent, s.attribute)
	if err != nil {
		return err
	}
	if len(whole.SubAttributes) == 0 {
		return Bad(InvalidFilter, "Attribute has no sub-attributes: "+shown(s.attribute.String()))
	}
	return s.values.check(schema, whole)
}

func (s *selection) matches(v evaluation, value map[string]any) bool {
	whole, _ := v.lookup(s.attribute)
	if whole == nil {
		return false
	}
	inner := evaluation{schema: v.schema, attributes: whole.SubAttributes}
	for _, one := range valuesOf(value, s.attribute) {
		if part, ok := one.(map[string]any); ok && s.values.matches(inner, part) {
			return true
		}
	}
	return false
}

func (c *comparison) check(s *Schema, parent *attribute) error {
	a, err := target(s, parent, c.attribute)
	if err != nil {
		return err
	}
	if a = comparedAttribute(a); a == nil {
		return Bad(InvalidFilter, "Attribute is complex, compare a sub-attribute: "+shown(c.attribute.String()))
	}
	if !supportsComparison(a.Type, c) {
		return Bad(InvalidFilter, "Operator or value does not fit the attribute: "+shown(c.String()))
	}
	return nil
}

// comparedAttribute returns the attribute whose values are compared: for a complex one its "value", nil without one.
func comparedAttribute(a *attribute) *attribute {
	if a.Type != complexed {
		return a
	}
	return find(a.SubAttributes, "value")
}

// supportsComparison reports whether a type supports a comparison. Every type supports equality, and null supports only equality.
func supportsComparison(k kind, c *comparison) bool {
	equality := c.operator == Equal || c.operator == NotEqual
	switch {
	case c.value.null():
		return equality
	case k == boolean:
		_, ok := truth(c.value.text)
		return ok && equality
	case k == dateTime:
		_, err := time.Parse(time.RFC3339, c.value.text)
		return err == nil && c.operator != Contains && c.operator != StartsWith && c.operator != EndsWith
	}
	return true
}

// truth parses a boolean. Identity providers also send it as text in any case.
func truth(text string) (value, ok bool) {
	switch {
	case strings.EqualFold(text, "true"):
		return true, true
	case strings.EqualFold(text, "false"):
		return false, true
	}
	return false, false
}

func (c *comparison) matches(v evaluation, value map[string]any) bool {
	whole, part := v.lookup(c.attribute)
	if part != nil {
		whole = part
	}
	if whole == nil {
		return false
	}
	a := comparedAttribute(whole)
	if a == nil {
		return false
	}
	values := valuesOf(value, c.attribute)
	switch {
	case c.value.null():
		return (len(values) == 0) == (c.operator == Equal)
	case c.operator == NotEqual:
		equal := comparison{attribute: c.attribute, operator: Equal, value: c.value}
		return !equal.any(a, values)
	}
	return c.any(a, values)
}

// any reports whether one of the values satisfies the comparison.
func (c *comparison) any(a *attribute, values []any) bool {
	for _, one := range values {
		if parts, ok := one.(map[string]any); ok {
			one = member(parts, "value")
		}
		if c.compare(a, one) {
			return true
		}
	}
	return false
}

func (c *comparison) compare(a *attribute, value any) bool {
	switch v := value.(type) {
	case bool:
		want, _ := truth(c.value.text)
		return v == want
	case string:
		if a.Type == dateTime {
			return c.ordered(compareTimes(v, c.value.text))
		}
		want := c.value.text
		if !a.CaseExact {
			v, want = strings.ToLower(v), strings.ToLower(want)
		}
		return c.texts(v, want)
	}
	return false
}

func (c *comparison) texts(value, want string) bool {
	switch c.operator {
	case Contains:
		return strings.Contains(value, want)
	case StartsWith:
		return strings.HasPrefix(value, want)
	case EndsWith:
		return strings.HasSuffix(value, want)
	}
	return c.ordered(strings.Compare(value, want))
}

// ordered applies an ordering operator to the result of a three-way comparison.
func (c *comparison) ordered(order int) bool {
	switch c.operator {
	case Equal:
		return order == 0
	case Greater:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	case Less:
		return order < 0
	case LessOrEqual:
		return order <= 0
	}
	return false
}

// compareTimes compares two valid RFC 3339 times.
func compareTimes(a, b string) int {
	first, _ := time.Parse(time.RFC3339, a)
	second, _ := time.Parse(time.RFC3339, b)
	return first.Compare(second)
}
