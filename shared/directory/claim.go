package directory

import (
	"strings"

	"postern/shared/table"
)

// claimed names the field that a unique value comes from, by the beginning of the value's key.
//
// The order does not matter: no prefix begins another one. What is missing here is an id.
var claimed = []struct{ prefix, field string }{
	{"username#", "username"},
	{"email#", "email"},
	{"ghost", "user_type"},
	{"fingerprint#", "key"},
	{"token#", "token"},
	{"root#", "path"},
	{"ns#", "path"},
	{"user#", "owner_id"},
	{"scim#", "user_id"},
	{"mrpair#", "source_branch"},
}

// fieldOf names the field of a record that a unique value comes from.
func fieldOf(kind uint8, k table.Key, r *run) string {
	for _, c := range claimed {
		if !strings.HasPrefix(k.PK, c.prefix) {
			continue
		}
		if c.field == "path" && r.kinds[kind].name() == "users" {
			return "username" // of the personal namespace
		}
		return c.field
	}
	return "id"
}
