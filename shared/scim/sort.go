package scim

import (
	"slices"
	"strings"
)

// Sort sorts resources of the schemas, if the search asks for it. Resources without a value come last, or first in
// descending order (RFC 7644 section 3.4.2.3). The sort is stable.
func (s *Search) Sort(resources []Resource, schemas ...*Schema) {
	if s.SortBy == nil {
		return
	}
	exact := false
	for _, schema := range schemas {
		whole, part := schema.lookup(*s.SortBy)
		if part != nil {
			whole = part
		}
		exact = exact || whole != nil && whole.CaseExact
	}
	slices.SortStableFunc(resources, func(a, b Resource) int {
		order := compareKeys(sortKey(a, *s.SortBy, exact), sortKey(b, *s.SortBy, exact))
		if s.Descending {
			return -order
		}
		return order
	})
}

// sortKey returns the primary value of an attribute, else the first, nil for none.
func sortKey(r Resource, a Attribute, exact bool) *string {
	values := valuesOf(r, Attribute{Name: a.Name})
	if len(values) == 0 {
		return nil
	}
	chosen := values[0]
	for _, v := range values {
		if parts, ok := v.(map[string]any); ok && member(parts, "primary") == true {
			chosen = v
			break
		}
	}
	if parts, ok := chosen.(map[string]any); ok {
		sub := a.Sub
		if sub == "" {
			sub = "value"
		}
		chosen = member(parts, sub)
	}
	return keyOf(chosen, exact)
}

func keyOf(value any, exact bool) *string {
	var key string
	switch v := value.(type) {
	case string:
		if key = v; !exact {
			key = strings.ToLower(v)
		}
	case bool:
		if key = "0"; v {
			key = "1"
		}
	}
	if key == "" {
		return nil
	}
	return &key
}

func compareKeys(a, b *string) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return strings.Compare(*a, *b)
}
