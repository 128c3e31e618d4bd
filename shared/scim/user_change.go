package scim

import (
	"encoding/json"
	"strings"
)

// UserChange is the change of a user; nil keeps a value. Other attributes cannot be changed: a changed e-mail address was
// a way to take over an account (internal API, update a single SCIM provisioned user, "Removed").
type UserChange struct {
	Active *bool
	UID    *string
}

// PatchUser evaluates operations as one change. The last operation on an attribute wins. Errors are *Error.
func PatchUser(operations []Operation) (UserChange, error) {
	var change UserChange
	for i := range operations {
		o := &operations[i]
		name, whole := o.about(Users)
		if !whole || o.path.Values != nil {
			continue
		}
		value := o.value
		if o.op == removeOp {
			value = nil
		}
		if err := change.set(name, value, o.op == removeOp); err != nil {
			return UserChange{}, err
		}
	}
	return change, nil
}

func (c *UserChange) set(name string, value any, removed bool) error {
	switch name {
	case "active":
		if removed {
			return Bad(Mutability, "active cannot be removed")
		}
		active, ok := readTruth(value)
		if !ok {
			return Bad(InvalidValue, "active must be true or false")
		}
		c.Active = &active
	case "id", "externalid":
		uid, err := readUID(value)
		if err != nil {
			return err
		}
		c.UID = &uid
	}
	return nil
}

// ReplaceUser evaluates the body of a PUT. Missing attributes stay, and immutable ones are ignored. Errors are *Error.
func ReplaceUser(values map[string]any) (UserChange, error) {
	var change UserChange
	for _, name := range []string{"active", "externalId"} {
		if value := member(values, name); value != nil {
			if err := change.set(strings.ToLower(name), value, false); err != nil {
				return UserChange{}, err
			}
		}
	}
	return change, nil
}

// readTruth parses a boolean as identity providers send it: a boolean, text in any case, or a list with one value.
func readTruth(value any) (truthful, ok bool) {
	switch v := value.(type) {
	case bool:
		return v, true
	case string:
		return truth(strings.TrimSpace(v))
	case []any:
		if len(v) == 1 {
			if entry, isObject := v[0].(map[string]any); isObject {
				return readTruth(member(entry, "value"))
			}
		}
	}
	return false, false
}

// longestUID limits external UIDs in bytes, because they are part of a key.
const longestUID = 512

// readUID parses an external UID. It is opaque: a number keeps its text.
func readUID(value any) (string, error) {
	uid, _ := readText(value)
	switch {
	case strings.TrimSpace(uid) == "":
		return "", Bad(InvalidValue, "externalId is blank")
	case len(uid) > longestUID:
		return "", Bad(InvalidValue, "externalId is too long (maximum is 512 bytes)")
	case strings.ContainsRune(uid, 0):
		return "", Bad(InvalidValue, "externalId is invalid")
	}
	return uid, nil
}

// readText returns the text of a string or number.
func readText(value any) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}
