package scim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxMembers limits the members that one request may name.
const MaxMembers = 1000

// NewGroup is the body of a request that creates a group.
type NewGroup struct {
	DisplayName string
	ExternalID  string
	Members     []string
}

// GroupChange is the change of a group; nil keeps a value. Members are applied in the order clear, remove, add.
type GroupChange struct {
	DisplayName *string
	ExternalID  *string
	Clear       bool
	Remove      []string
	Add         []string
}

// ReadNewGroup parses the body of a request that creates a group. Errors are *Error.
func ReadNewGroup(values map[string]any) (NewGroup, error) {
	change, err := ReplaceGroup(values)
	if err != nil {
		return NewGroup{}, err
	}
	g := NewGroup{DisplayName: *change.DisplayName, Members: change.Add}
	if change.ExternalID != nil {
		g.ExternalID = *change.ExternalID
	}
	return g, nil
}

// ReplaceGroup evaluates the body of a PUT. Missing members stay. An empty list clears them. Errors are *Error.
func ReplaceGroup(values map[string]any) (GroupChange, error) {
	var change GroupChange
	for _, name := range []string{"displayName", "externalId", membersName} {
		if !has(values, name) && name != "displayName" {
			continue
		}
		o := &Operation{op: replaceOp, value: member(values, name)}
		if err := change.apply(strings.ToLower(name), o, nil); err != nil {
			return GroupChange{}, err
		}
	}
	return change, change.check()
}

// PatchMembers returns the members that PatchGroup needs: all of them if a filter selects by more than ids, otherwise
// none.
func PatchMembers(operations []Operation) Members {
	var m Members
	for i := range operations {
		o := &operations[i]
		if name, whole := o.about(Groups); whole && name == membersName && o.path.Values != nil {
			if _, plain := namedMembers(o.path.Values); !plain {
				m.All = true
			}
		}
	}
	return m
}

// PatchGroup evaluates operations as one change of a group with the members that PatchMembers asks for. Errors are *Error.
func PatchGroup(operations []Operation, members []string) (GroupChange, error) {
	var change GroupChange
	for i := range operations {
		name, whole := operations[i].about(Groups)
		if !whole {
			continue
		}
		if err := change.apply(name, &operations[i], members); err != nil {
			return GroupChange{}, err
		}
	}
	return change, change.check()
}

// check limits the number of members in one request.
func (c *GroupChange) check() error {
	if len(c.Add)+len(c.Remove) > MaxMembers {
		return &Error{Status: http.StatusRequestEntityTooLarge, Detail: "A request names at most " + strconv.Itoa(MaxMembers) + " members"}
	}
	return nil
}

func (c *GroupChange) apply(name string, o *Operation, members []string) error {
	switch {
	case name == membersName:
		return c.applyMembers(o, members)
	case o.path.Values != nil:
		return nil
	case name == "displayname":
		return c.rename(o)
	case name == "externalid":
		var id string
		if o.op != removeOp {
			id, _ = readText(o.value)
		}
		if len(id) > longestUID {
			return Bad(InvalidValue, "externalId is too long (maximum is 512 bytes)")
		}
		c.ExternalID = &id
	}
	return nil
}

func (c *GroupChange) rename(o *Operation) error {
	if o.op == removeOp {
		return Bad(Mutability, "displayName cannot be removed")
	}
	name, _ := readText(o.value)
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return Bad(InvalidValue, "displayName is missing or blank")
	case utf8.RuneCountInString(name) > longestName:
		return Bad(InvalidValue, "displayName is too long (maximum is 255 characters)")
	case strings.ContainsRune(name, 0):
		return Bad(InvalidValue, "displayName is invalid")
	}
	c.DisplayName = &name
	return nil
}

func (c *GroupChange) applyMembers(o *Operation, members []string) error {
	if o.path.Values != nil {
		if o.op != removeOp {
			return Bad(Mutability, "Members can only be added or removed as a whole")
		}
		selected, err := selectMembers(o.path.Values, c.after(members))
		c.remove(selected)
		return err
	}
	if o.op == removeOp && o.value == nil {
		c.Clear, c.Remove, c.Add = true, nil, nil
		return nil
	}
	uids, err := readMembers(o.value)
	switch {
	case err != nil:
		return err
	case o.op == removeOp:
		c.remove(uids)
		return nil
	case o.op == replaceOp:
		c.Clear, c.Remove, c.Add = true, nil, nil
	}
	c.add(uids)
	return nil
}

// add and remove keep each member in only one of the two lists, so the later operation wins.
func (c *GroupChange) add(uids []string) {
	c.Remove = without(c.Remove, uids)
	c.Add = append(without(c.Add, uids), uids...)
}

func (c *GroupChange) remove(uids []string) {
	c.Add = without(c.Add, uids)
	if !c.Clear {
		c.Remove = append(without(c.Remove, uids), uids...)
	}
}

// after returns the members that remain after the change.
func (c *GroupChange) after(members []string) []string {
	if c.Clear {
		members = nil
	}
	return slices.Concat(without(without(members, c.Remove), c.Add), c.Add)
}

func without(all, dropped []string) []string {
	if len(all) == 0 || len(dropped) == 0 {
		return all
	}
	drop := make(map[string]bool, len(dropped))
	for _, one := range dropped {
		drop[one] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return drop[one] })
}

// readMembers parses member ids, as strings or as objects with a value, and drops duplicates.
func readMembers(value any) ([]string, error) {
	var uids []string
	seen := map[string]bool{}
	for _, entry := range list(structured(value)) {
		uid, ok := readText(entry)
		if parts, isObject := entry.(map[string]any); isObject {
			uid, ok = readText(member(parts, "value"))
		}
		if !ok || uid == "" {
			return nil, Bad(InvalidValue, "A member needs a value")
		}
		if !seen[uid] {
			seen[uid] = true
			uids = append(uids, uid)
		}
	}
	return uids, nil
}

// namedMembers returns the ids of a filter that only compares ids with "eq" and "or"; plain is false for other filters.
func namedMembers(f Filter) (uids []string, plain bool) {
	several, ok := f.(disjunction)
	if !ok {
		several = disjunction{f}
	}
	for _, one := range several {
		c, ok := one.(*comparison)
		if !ok || c.operator != Equal || !strings.EqualFold(c.attribute.Name, "value") || c.value.null() {
			return nil, false
		}
		uids = append(uids, c.value.text)
	}
	return uids, true
}

// selectMembers returns the members that match a filter.
func selectMembers(f Filter, members []string) ([]string, error) {
	if uids, plain := namedMembers(f); plain {
		return uids, nil
	}
	whole := find(Groups.attributes, membersName)
	if f.check(Groups, whole) != nil {
		return nil, Bad(InvalidPath, "Invalid path: members["+shown(f.String())+"]")
	}
	var selected []string
	for _, uid := range members {
		value := map[string]any{"value": uid, "type": Users.name}
		if f.matches(evaluation{schema: Groups, attributes: whole.SubAttributes}, value) {
			selected = append(selected, uid)
		}
	}
	return selected, nil
}
