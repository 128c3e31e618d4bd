package scim

import "strings"

// Index is an attribute that leads to resources without a walk over all.
type Index int

// The indexes. A user's external UID is both id and externalId.
const (
	ByID Index = iota + 1
	ByExternalID
	ByUserName
	ByEmail
	ByDisplayName
)

// Lookup is a question that an index answers.
type Lookup struct {
	By    Index
	Value string
}

// indexes say which attributes of a schema lead to resources.
var indexes = map[*Schema]map[string]Index{
	Users:  {"id": ByID, "externalid": ByID, "username": ByUserName, "emails": ByEmail, "emails.value": ByEmail},
	Groups: {"id": ByID, "externalid": ByExternalID, "displayname": ByDisplayName},
}

// Plan finds what an index can answer of a filter: an equality that every resource that the filter matches fulfils. What it
// finds still has to match the rest, nil for nothing. Without a lookup the filter asks for a walk.
//
// The equality is left out of the rest, because who looks up may know better what it means: userName also meets external UIDs
// and addresses (see C3 of the behaviour, and upstream).
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

// indexed is the lookup for one filter, nil when no index answers it.
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

// Members are the members of groups that a filter asks about.
type Members struct {
	All  bool
	UIDs []string
}

// AsksMembers returns which members have to be known to evaluate a filter, which may be nil.
func AsksMembers(f Filter) Members {
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

// one notes a comparison of members: whether one with an id is there can be looked up, all else asks for all of them.
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

// membersName is the attribute that holds a group's members.
const membersName = "members"
