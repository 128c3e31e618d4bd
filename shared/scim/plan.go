package scim

import "strings"

// Index is an attribute with an index in the store.
type Index int

// The indexes. A user's external UID is both id and externalId.
const (
	ByID Index = iota + 1
	ByExternalID
	ByUserName
	ByEmail
	ByDisplayName
)

// Lookup is a query that an index answers.
type Lookup struct {
	By    Index
	Value string
}

// indexes maps the attributes of a schema, in lower case, to their indexes.
var indexes = map[*Schema]map[string]Index{
	Users:  {"id": ByID, "externalid": ByID, "username": ByUserName, "emails": ByEmail, "emails.value": ByEmail},
	Groups: {"id": ByID, "externalid": ByExternalID, "displayname": ByDisplayName},
}

// Plan splits a filter into a lookup by index and the filter that the found resources must still match. The rest is nil if
// the lookup covers the whole filter. The lookup is nil if no index applies. The caller then scans the list.
//
// The looked-up equality is not part of the rest, because the caller may match it more loosely. A userName also finds
// external UIDs and e-mail addresses (behavior case K36).
func Plan(f Filter, s *Schema) (*Lookup, Filter) {
	all, isAll := f.(conjunction)
	if !isAll {
		all = conjunction{f}
	}
	for i, one := range all {
		lookup := indexed(one, s)
		if lookup == nil {
			continue
		}
		rest := append(append(conjunction{}, all[:i]...), all[i+1:]...)
		if len(rest) == 0 {
			return lookup, nil
		}
		return lookup, single(rest)
	}
	return nil, f
}

// indexed returns the lookup for one filter, nil if no index applies.
func indexed(f Filter, s *Schema) *Lookup {
	c, ok := f.(*comparison)
	if !ok || c.operator != Equal || c.value.null() || c.value.text == "" {
		return nil
	}
	name := c.attribute
	name.Schema = ""
	by := indexes[s][strings.ToLower(name.String())]
	if by == 0 {
		return nil
	}
	return &Lookup{By: by, Value: c.value.text}
}

// Members are the group members that an evaluation needs: all, or those with the UIDs.
type Members struct {
	All  bool
	UIDs []string
}

// FilterMembers returns the members that a filter needs. The filter may be nil.
func FilterMembers(f Filter) Members {
	var m Members
	m.collect(f)
	return m
}

func (m *Members) collect(f Filter) {
	switch v := f.(type) {
	case conjunction:
		m.collectAll(v)
	case disjunction:
		m.collectAll(v)
	case *negation:
		m.collect(v.of)
	case *presence:
		m.All = m.All || ofMembers(v.attribute)
	case *comparison:
		m.one(v.attribute, v)
	case *selection:
		if uids, plain := namedMembers(v.values); plain && ofMembers(v.attribute) {
			m.UIDs = append(m.UIDs, uids...)
			return
		}
		m.All = m.All || ofMembers(v.attribute)
	}
}

func (m *Members) collectAll(filters []Filter) {
	for _, f := range filters {
		m.collect(f)
	}
}

// one collects a comparison of members. Equality with an id needs that member only. Any other comparison needs all
// members.
func (m *Members) one(a Attribute, c *comparison) {
	switch {
	case !ofMembers(a):
	case (c.operator == Equal || c.operator == NotEqual) && !c.value.null() && (a.Sub == "" || strings.EqualFold(a.Sub, "value")):
		m.UIDs = append(m.UIDs, c.value.text)
	default:
		m.All = true
	}
}

func ofMembers(a Attribute) bool { return strings.EqualFold(a.Name, membersName) }

// membersName is the attribute with a group's members.
const membersName = "members"
