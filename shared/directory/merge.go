package directory

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"postern/shared/gitlab"
)

// merge puts the fields of a document into a record. defaults is what a cleared field becomes; of a new record the
// required fields must be there.
func (s *schema) merge(into, defaults reflect.Value, fields object, place string, fresh bool, m *mistakes) {
	for i := range s.fields {
		f := &s.fields[i]
		data, given := fields[f.name]
		at := place + "." + f.name
		v := into.FieldByIndex(f.index)
		// The digest stands for the token, which nobody can give any more.
		if f.token && fields.given(digestField) {
			readDigest(v, fields, place, m)
			continue
		}
		switch {
		case !given && fresh && f.required:
			m.add(at, "is required")
		case !given:
		case isNull(data):
			s.clear(v, defaults.FieldByIndex(f.index), f, at, m)
		case f.token:
			readToken(v, data, at, m)
		default:
			if ok := (reader{m: m, rule: s.name + "." + f.name}).read(v, data, at); ok && f.required && blank(v) {
				m.add(at, "must not be blank")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		// A misspelled field must not pass for one that keeps its default.
		if s.byName[name] == nil {
			m.add(place+"."+name, "is not known")
		}
	}
}

// clear sets a field that is given as null.
func (s *schema) clear(v, fallback reflect.Value, f *field, place string, m *mistakes) {
	switch {
	// Before required: "user_id": null is how a key is said to have no owner.
	case v.Kind() == reflect.Pointer:
		v.SetZero()
	case f.required:
		m.add(place, "must not be null")
	// When something was made is not forgotten; a new record has the present moment already.
	case v.Type() == reflect.TypeFor[time.Time](): // one that is there stays
	default:
		v.Set(fallback)
	}
}

// blank reports whether a text has nothing but white space.
func blank(v reflect.Value) bool {
	return v.Kind() == reflect.String && strings.TrimSpace(v.String()) == ""
}

// maxToken bounds secret tokens.
const maxToken = 1024

// readToken keeps the digest of a secret token. Nothing that is said about it may repeat it.
func readToken(v reflect.Value, data json.RawMessage, place string, m *mistakes) {
	var token string
	switch {
	case json.Unmarshal(data, &token) != nil:
		m.add(place, "must be a string")
	case strings.TrimSpace(token) == "":
		m.add(place, "must not be blank")
	case len(token) > maxToken:
		m.add(place, "is too long (maximum is %d characters)", maxToken)
	default:
		v.SetString(gitlab.TokenDigest(token))
	}
}

// readDigest takes the digest of a token whose text nobody knows any more, as an export has it.
func readDigest(v reflect.Value, fields object, place string, m *mistakes) {
	var digest string
	switch at := place + "." + digestField; {
	case fields.given("token"):
		m.add(at, "must not be given beside token")
	case json.Unmarshal(fields[digestField], &digest) != nil || !tokenDigest.MatchString(digest):
		m.add(at, "must be a SHA-256 in 64 hexadecimal digits, in lower case")
	default:
		v.SetString(digest)
	}
}
