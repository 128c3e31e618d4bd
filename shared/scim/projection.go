package scim

import (
	"slices"
	"strings"
)

// Projection selects the attributes of an answer (RFC 7644 section 3.9). The zero value selects all. Unknown attributes
// have no effect.
type Projection struct {
	only   []Attribute
	except []Attribute
}

// ReadProjection parses the parameters attributes and excludedAttributes, as comma-separated names or lists. Errors are
// *Error.
func ReadProjection(values map[string]any) (Projection, error) {
	only, err := readNames(member(values, "attributes"))
	if err != nil {
		return Projection{}, err
	}
	except, err := readNames(member(values, "excludedAttributes"))
	if err != nil {
		return Projection{}, err
	}
	if len(only) > 0 && len(except) > 0 {
		return Projection{}, Bad(InvalidValue, "attributes and excludedAttributes cannot be combined")
	}
	return Projection{only: only, except: except}, nil
}

func readNames(value any) ([]Attribute, error) {
	var names []Attribute
	for _, entry := range list(value) {
		texts, ok := entry.(string)
		if !ok {
			return nil, Bad(InvalidValue, "attributes must be strings")
		}
		for name := range strings.SplitSeq(texts, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			a, ok := ParseAttribute(name)
			if !ok {
				return nil, Bad(InvalidPath, "Invalid attribute: "+shown(name))
			}
			names = append(names, a)
		}
	}
	return names, nil
}

// wants reports whether any part of an attribute is in the answer.
func (p Projection) wants(name string) bool {
	for _, a := range p.except {
		if strings.EqualFold(a.Name, name) && a.Sub == "" {
			return false
		}
	}
	for _, a := range p.only {
		if strings.EqualFold(a.Name, name) {
			return true
		}
	}
	return len(p.only) == 0
}

// WantsMembers reports whether the answer contains members of groups.
func (p Projection) WantsMembers() bool { return p.wants(membersName) }

// Apply returns the selected attributes of a resource, and always id and schemas.
func (p Projection) Apply(r Resource) Resource {
	if len(p.only) == 0 && len(p.except) == 0 {
		return r
	}
	kept := Resource{}
	for name, value := range r {
		key, sub := name, ""
		if name == flatName {
			key, sub = "name", "formatted"
		}
		if name == "id" || name == "schemas" {
			kept[name] = value
		} else if value := p.part(key, sub, value); value != nil {
			kept[name] = value
		}
	}
	return kept
}

// part returns the selected part of an attribute's value, nil for nothing. The flat key of a part follows that part.
func (p Projection) part(name, sub string, value any) any {
	var chosen, dropped []string
	for _, a := range p.only {
		if !strings.EqualFold(a.Name, name) {
			continue
		}
		if a.Sub == "" || strings.EqualFold(a.Sub, sub) {
			return value
		}
		chosen = append(chosen, a.Sub)
	}
	for _, a := range p.except {
		if !strings.EqualFold(a.Name, name) {
			continue
		}
		if a.Sub == "" || strings.EqualFold(a.Sub, sub) {
			return nil
		}
		dropped = append(dropped, a.Sub)
	}
	switch {
	case sub != "" && len(p.only) > 0, len(p.only) > 0 && len(chosen) == 0:
		return nil
	case sub != "", len(chosen) == 0 && len(dropped) == 0:
		return value
	}
	return parts(value, chosen, dropped)
}

// parts keeps only the chosen parts of a complex value or of each element of a list, or else drops the dropped ones.
func parts(value any, chosen, dropped []string) any {
	switch v := value.(type) {
	case []any:
		var kept []any
		for _, one := range v {
			if one = parts(one, chosen, dropped); one != nil {
				kept = append(kept, one)
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return kept
	case map[string]any:
		kept := map[string]any{}
		for name, inner := range v {
			if (len(chosen) == 0 || holdsName(chosen, name)) && !holdsName(dropped, name) {
				kept[name] = inner
			}
		}
		if len(kept) > 0 {
			return kept
		}
		return nil
	}
	if len(chosen) > 0 { // a simple value has no parts
		return nil
	}
	return value
}

func holdsName(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
