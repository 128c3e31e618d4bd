package scim

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// longestName limits names, in characters (as upstream).
const longestName = 255

// NewUser is the body of a request that creates a user.
type NewUser struct {
	UID      string
	Username string
	Name     string
	Email    string
	Active   bool
}

// ReadNewUser parses the body of a request that creates a user. The error lists all missing attributes. Passwords and
// unknown attributes are ignored. Errors are *Error.
func ReadNewUser(values map[string]any) (NewUser, error) {
	u := NewUser{Active: true, Name: readName(values), Email: readEmail(member(values, "emails"))}
	u.UID, _ = readText(member(values, "externalId"))
	u.Username, _ = readText(member(values, "userName"))
	var missing []string
	for _, field := range []struct{ name, value string }{
		{"externalId", u.UID}, {"userName", u.Username}, {"emails", u.Email}, {"name", u.Name},
	} {
		if strings.TrimSpace(field.value) == "" {
			missing = append(missing, field.name)
		}
	}
	if len(missing) > 0 {
		return NewUser{}, Bad(InvalidValue, "Missing or blank: "+strings.Join(missing, ", "))
	}
	if active := member(values, "active"); active != nil {
		var ok bool
		if u.Active, ok = readTruth(active); !ok {
			return NewUser{}, Bad(InvalidValue, "active must be true or false")
		}
	}
	return u, u.check()
}

// check rejects values that are too long or contain NUL.
func (u *NewUser) check() error {
	if _, err := readUID(u.UID); err != nil {
		return err
	}
	for _, field := range []struct{ name, value string }{{"userName", u.Username}, {"name", u.Name}} {
		switch {
		case utf8.RuneCountInString(field.value) > longestName:
			return Bad(InvalidValue, field.name+" is too long (maximum is 255 characters)")
		case strings.ContainsRune(field.value, 0):
			return Bad(InvalidValue, field.name+" is invalid")
		}
	}
	return nil
}

// readName returns the full name: the formatted one, else the joined parts, else the display name.
func readName(values map[string]any) string {
	parts, _ := structured(member(values, "name")).(map[string]any)
	given, _ := readText(member(parts, "givenName"))
	family, _ := readText(member(parts, "familyName"))
	formatted, _ := readText(member(parts, "formatted"))
	flat, _ := readText(member(values, flatName))
	shownName, _ := readText(member(values, "displayName"))
	for _, name := range []string{formatted, flat, given + " " + family, shownName} {
		if name = strings.TrimSpace(name); name != "" {
			return name
		}
	}
	return ""
}

// readEmail returns the first address that is primary or of type work, else the first address.
func readEmail(value any) string {
	var first string
	for _, entry := range list(structured(value)) {
		address, _ := readText(entry)
		parts, _ := entry.(map[string]any)
		if parts != nil {
			address, _ = readText(member(parts, "value"))
		}
		address = strings.TrimSpace(address)
		kind, _ := member(parts, "type").(string)
		primary, _ := readTruth(member(parts, "primary"))
		if primary || strings.EqualFold(kind, "work") {
			return address
		}
		if first == "" {
			first = address
		}
	}
	return first
}

// structured decodes an object or list that a form sent as text. Other values are returned unchanged.
func structured(value any) any {
	text, ok := value.(string)
	if !ok || !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return value
	}
	var decoded any
	if json.Unmarshal([]byte(text), &decoded) != nil {
		return value
	}
	return decoded
}
