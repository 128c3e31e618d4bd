package scim

import (
	"encoding/json"
	"strings"
)

// UserChange is what a request changes of a user; nil leaves it as it is. There is no more that could be changed: names and
// addresses stay as they were when the user was created, whatever is sent (internal API, update a single SCIM provisioned
// user, "Removed": a changed address was a way to take over an account).
type UserChange struct {
	Active *bool
	UID    *string
}

// PatchUser evaluates operations as one change: of several that set the same, the last counts. Errors are *Error.
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
			return Bad(InvalidValue, "active is true or false")
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

// ReplaceUser evaluates the body of a PUT: what is left out stays, and what cannot be changed is passed over. Errors are
// *Error.
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

// readTruth reads a boolean as identity providers write it: as such, as a text in any case, or as the value of a list's
// only entry.
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

// longestUID is how many bytes an external UID may have, so that it can be part of a key.
const longestUID = 512

// readUID reads an external UID, which is an opaque text: a number is the text that it was written as.
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

// readText reads a text or number.
func readText(value any) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}
