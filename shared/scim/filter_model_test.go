package scim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"postern/shared/scim"
)

// question is a filter of the model: its text, its precedence, and its result for a user.
type question struct {
	text    string
	binds   int // precedence: 0 or, 1 and, 2 others
	matches func(*scim.User) bool
}

// within returns the text for use inside an operator, with parentheses if the precedence needs them.
func (q question) within(t *rapid.T, binds int) string {
	if q.binds < binds || rapid.IntRange(0, 9).Draw(t, "brackets") == 0 {
		return "(" + q.text + ")"
	}
	return q.text
}

// valued is an attribute of users and its value for a user.
type valued struct {
	name  string
	exact bool
	of    func(*scim.User) string
}

var valuedAttributes = []valued{
	{"id", true, func(u *scim.User) string { return u.UID }},
	{"externalId", true, func(u *scim.User) string { return u.UID }},
	{"userName", false, func(u *scim.User) string { return u.Username }},
	{"urn:ietf:params:scim:schemas:core:2.0:User:displayName", false, func(u *scim.User) string { return u.Name }},
	{"name.formatted", false, func(u *scim.User) string { return u.Name }},
	{"emails", false, func(u *scim.User) string { return u.Email }},
	{"emails.value", false, func(u *scim.User) string { return u.Email }},
	{"meta.resourceType", true, func(*scim.User) string { return "User" }},
	{"name.familyName", false, func(u *scim.User) string { return u.Name[strings.LastIndexByte(u.Name, ' ')+1:] }},
}

var comparisons = map[string]func(value, want string) bool{
	"eq": func(v, w string) bool { return v == w }, "ne": func(v, w string) bool { return v != w },
	"co": strings.Contains, "sw": strings.HasPrefix, "ew": strings.HasSuffix,
	"gt": func(v, w string) bool { return v > w }, "ge": func(v, w string) bool { return v >= w },
	"lt": func(v, w string) bool { return v < w }, "le": func(v, w string) bool { return v <= w },
}

// cased writes a case-insensitive keyword in a random case.
func cased(t *rapid.T, word string) string {
	return rapid.SampledFrom([]string{word, strings.ToUpper(word), strings.ToUpper(word[:1]) + word[1:]}).Draw(t, "letters")
}

// words draws short strings that often collide.
func words() *rapid.Generator[string] { return rapid.StringMatching(`[aAbB]{1,3}`) }

// compares draws a comparison of an attribute, or of a sub-attribute of emails.
func compares(t *rapid.T) question {
	a := rapid.SampledFrom(valuedAttributes).Draw(t, "attribute")
	operator := rapid.SampledFrom([]string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"}).Draw(t, "operator")
	want := words().Draw(t, "value")
	value := `"` + want + `"`
	if rapid.Bool().Draw(t, "bare") {
		value = want
	}
	text := a.name + " " + cased(t, operator) + " " + value
	if a.name == "emails.value" && rapid.Bool().Draw(t, "selected") {
		text = "emails[" + cased(t, "value") + " " + operator + " " + value + ` and type eq "work"]`
	}
	return question{text, 2, func(u *scim.User) bool {
		if a.exact {
			return comparisons[operator](a.of(u), want)
		}
		return comparisons[operator](strings.ToLower(a.of(u)), strings.ToLower(want))
	}}
}

// asksActive compares a boolean; asksCreated compares a time.
func asksActive(t *rapid.T) question {
	want, equal := rapid.Bool().Draw(t, "want"), rapid.Bool().Draw(t, "equal")
	text := fmt.Sprintf("active %s %s", map[bool]string{true: "eq", false: "ne"}[equal], cased(t, fmt.Sprint(want)))
	return question{text, 2, func(u *scim.User) bool { return (u.Active == want) == equal }}
}

func asksCreated(t *rapid.T) question {
	operator := rapid.SampledFrom([]string{"eq", "ne", "gt", "ge", "lt", "le"}).Draw(t, "operator")
	at := moments().Draw(t, "at")
	zone := time.FixedZone("", rapid.IntRange(-12, 12).Draw(t, "zone")*3600)
	return question{fmt.Sprintf(`meta.created %s "%s"`, operator, at.In(zone).Format(time.RFC3339)), 2, func(u *scim.User) bool {
		return comparisons[operator](u.Created.Format(time.RFC3339), at.Format(time.RFC3339)) // both in UTC, so comparable as text
	}}
}

func moments() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.IntRange(0, 3), func(hours int) time.Time { return time.Date(2026, 5, 1, hours, 0, 0, 0, time.UTC) })
}

func asksPresence(t *rapid.T) question {
	name := rapid.SampledFrom([]string{"userName", "emails", "emails.value", "name", "meta.created", "active"}).Draw(t, "present")
	return question{name + " " + cased(t, "pr"), 2, func(*scim.User) bool { return true }}
}

// questions draws a filter with at most the given depth.
func questions(t *rapid.T, depth int) question {
	if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
		return rapid.SampledFrom([]func(*rapid.T) question{compares, compares, asksActive, asksCreated, asksPresence}).Draw(t, "kind")(t)
	}
	left := questions(t, depth-1)
	kind := rapid.SampledFrom([]string{"not", "and", "or"}).Draw(t, "operator")
	if kind == "not" {
		return question{cased(t, "not") + " (" + left.text + ")", 2, func(u *scim.User) bool { return !left.matches(u) }}
	}
	right := questions(t, depth-1)
	if kind == "and" {
		return question{left.within(t, 1) + " " + cased(t, "and") + " " + right.within(t, 1), 1, func(u *scim.User) bool {
			return left.matches(u) && right.matches(u)
		}}
	}
	return question{left.within(t, 0) + " " + cased(t, "or") + " " + right.within(t, 0), 0, func(u *scim.User) bool {
		return left.matches(u) || right.matches(u)
	}}
}

func accounts() *rapid.Generator[*scim.User] {
	return rapid.Custom(func(t *rapid.T) *scim.User {
		return &scim.User{
			UID: words().Draw(t, "uid"), Username: words().Draw(t, "username"), Email: words().Draw(t, "email"),
			Name: words().Draw(t, "given") + " " + words().Draw(t, "family"), Active: rapid.Bool().Draw(t, "active"),
			Created: moments().Draw(t, "created"), Modified: moments().Draw(t, "modified"), Version: "1",
		}
	})
}

// A filter and its printed form match the users that the model matches.
func TestFilterMatchesModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		asked, user := questions(t, 4), accounts().Draw(t, "user")
		filter, err := scim.ParseFilter(asked.text)
		if err != nil {
			t.Fatalf("%s: %v", asked.text, err)
		}
		if err := scim.Check(filter, scim.Users); err != nil {
			t.Fatalf("%s: %v", asked.text, err)
		}
		again, err := scim.ParseFilter(filter.String())
		if err != nil {
			t.Fatalf("%s, printed as %s: %v", asked.text, filter, err)
		}
		want, resource := asked.matches(user), user.Resource("https://gitlab.example.com")
		for _, f := range []scim.Filter{filter, again} {
			if got := scim.Matches(f, scim.Users, resource); got != want {
				t.Fatalf("%s, parsed as %s, matches %+v: %v, want %v", asked.text, f, user, got, want)
			}
		}
	})
}
