package scim

import (
	"net/url"
	"strings"
	"time"
)

// Resource is the JSON object of a user or group.
type Resource map[string]any

// User has the values of a user's resource.
type User struct {
	UID      string // external UID
	Username string
	Name     string
	Email    string
	Active   bool
	Created  time.Time
	Modified time.Time
	Version  string
}

// Resource returns the user's JSON object; base is the tenant's URL. Beside the RFC's name it has the flat key
// name.formatted, which Strict removes.
func (u *User) Resource(base string) Resource {
	given, family := splitName(u.Name)
	r := resource(Users, u.UID, base, u.Created, u.Modified, u.Version)
	r["externalId"] = u.UID
	r["active"] = u.Active
	r["userName"] = u.Username
	r["displayName"] = u.Name
	r[flatName] = u.Name
	r["name"] = map[string]any{"formatted": u.Name, "givenName": given, "familyName": family}
	r["emails"] = []any{map[string]any{"type": "work", "value": u.Email, "primary": true}}
	return r
}

// splitName takes the last word as the family name.
func splitName(name string) (given, family string) {
	name = strings.TrimSpace(name)
	if space := strings.LastIndexByte(name, ' '); space >= 0 {
		return strings.TrimSpace(name[:space]), name[space+1:]
	}
	return name, ""
}

// Group has the values of a group's resource.
type Group struct {
	ID          string
	ExternalID  string
	DisplayName string
	Members     []string // external UIDs; only those that the caller loaded
	Created     time.Time
	Modified    time.Time
	Version     string
}

// Resource returns the group's JSON object; base is the tenant's URL.
func (g *Group) Resource(base string) Resource {
	r := resource(Groups, g.ID, base, g.Created, g.Modified, g.Version)
	r["displayName"] = g.DisplayName
	if g.ExternalID != "" {
		r["externalId"] = g.ExternalID
	}
	if len(g.Members) > 0 {
		members := make([]any, len(g.Members))
		for i, uid := range g.Members {
			members[i] = map[string]any{"value": uid, "type": Users.name, "$ref": Location(base, Users, uid)}
		}
		r["members"] = members
	}
	return r
}

func resource(s *Schema, id, base string, created, modified time.Time, version string) Resource {
	meta := map[string]any{"resourceType": s.name, "location": Location(base, s, id), "version": ETag(version)}
	if !created.IsZero() {
		meta["created"], meta["lastModified"] = timestamp(created), timestamp(modified)
	}
	return Resource{"schemas": []any{s.id}, "id": id, "meta": meta}
}

// timestamp formats a time (RFC 7643 section 2.3.5).
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Location returns the URL of a resource with the id escaped.
func Location(base string, s *Schema, id string) string {
	return base + "/" + s.plural + "/" + url.PathEscape(id)
}

// flatName is the key of a user's name in the internal API's examples. RFC 7643 does not define it, and strict clients
// reject it.
const flatName = "name.formatted"

// Strict removes the keys that RFC 7643 does not define.
func (r Resource) Strict() Resource {
	delete(r, flatName)
	return r
}

// member returns an object's value by its name in any case.
func member(object map[string]any, name string) any {
	if value, exact := object[name]; exact {
		return value
	}
	for key, value := range object {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return nil
}

// valuesOf returns the non-empty values of an attribute or sub-attribute.
func valuesOf(object map[string]any, a Attribute) []any {
	var values []any
	for _, whole := range list(member(object, a.Name)) {
		if a.Sub == "" {
			values = append(values, whole)
			continue
		}
		if parts, ok := whole.(map[string]any); ok {
			values = append(values, list(member(parts, a.Sub))...)
		}
	}
	return values
}

// list returns a list as it is, a single value as a list, and null or an empty string as an empty list.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	case string:
		if v == "" {
			return nil
		}
	}
	return []any{value}
}
