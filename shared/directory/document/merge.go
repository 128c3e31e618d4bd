package document

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"postern/shared/gitlab"
)

// Merge puts the fields of a document into a record. defaults is what a cleared field becomes; of a new record the
// required fields must be there.
func (s *Schema) Merge(into, defaults reflect.Value, fields Object, place string, fresh bool, m *Mistakes) {
	for i := range s.Fields {
		f := &s.Fields[i]
		data, given := fields[f.Name]
		at := place + "." + f.Name
		v := into.FieldByIndex(f.Index)
		// The digest stands for the token, which nobody can give any more.
		if f.Token && fields.Given(DigestField) {
			readDigest(v, fields, place, m)
			continue
		}
		switch {
		case !given && fresh && f.Required:
			m.Add(at, "is required")
		case !given:
		case IsNull(data):
			s.clear(v, defaults.FieldByIndex(f.Index), f, at, m)
		case f.Token:
			readToken(v, data, at, m)
		default:
			if ok := (Reader{Mistakes: m, Rule: s.Name + "." + f.Name}).Read(v, data, at); ok && f.Required && Blank(v) {
				m.Add(at, "must not be blank")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		// A misspelled field must not pass for one that keeps its default.
		if s.ByName[name] == nil {
			m.Add(place+"."+name, "is not known")
		}
	}
}

// clear sets a field that is given as null.
func (s *Schema) clear(v, fallback reflect.Value, f *Field, place string, m *Mistakes) {
	switch {
	// Before required: "user_id": null is how a key is said to have no owner.
	case v.Kind() == reflect.Pointer:
		v.SetZero()
	case f.Required:
		m.Add(place, "must not be null")
	// When something was made is not forgotten; a new record has the present moment already.
	case v.Type() == reflect.TypeFor[time.Time](): // one that is there stays
	default:
		v.Set(fallback)
	}
}

// Blank reports whether a text has nothing but white space.
func Blank(v reflect.Value) bool {
	return v.Kind() == reflect.String && strings.TrimSpace(v.String()) == ""
}

// MaxToken bounds secret tokens.
const MaxToken = 1024

// readToken keeps the digest of a secret token. Nothing that is said about it may repeat it.
func readToken(v reflect.Value, data json.RawMessage, place string, m *Mistakes) {
	var token string
	switch {
	case json.Unmarshal(data, &token) != nil:
		m.Add(place, "must be a string")
	case strings.TrimSpace(token) == "":
		m.Add(place, "must not be blank")
	case len(token) > MaxToken:
		m.Add(place, "is too long (maximum is %d characters)", MaxToken)
	default:
		v.SetString(gitlab.TokenDigest(token))
	}
}

// readDigest takes the digest of a token whose text nobody knows any more, as an export has it.
func readDigest(v reflect.Value, fields Object, place string, m *Mistakes) {
	var digest string
	switch at := place + "." + DigestField; {
	case fields.Given("token"):
		m.Add(at, "must not be given beside token")
	case json.Unmarshal(fields[DigestField], &digest) != nil || !tokenDigest.MatchString(digest):
		m.Add(at, "must be a SHA-256 in 64 hexadecimal digits, in lower case")
	default:
		v.SetString(digest)
	}
}

// DigestField is what documents call the digest of a token, where its text is not known any more.
const DigestField = "token_digest"
