package scim_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/scim"
)

// filters draws valid filters on users.
func filters() *rapid.Generator[string] {
	value := rapid.Custom(func(t *rapid.T) string {
		return `"` + rapid.StringMatching(`[a-zé@. ]{0,6}(\\"|\\\\|\\u00e9)?`).Draw(t, "value") + `"`
	})
	leaf := rapid.Custom(func(t *rapid.T) string {
		attribute := rapid.SampledFrom([]string{
			"userName", "id", "name.formatted", "emails.value", "displayName", "urn:ietf:params:scim:schemas:core:2.0:User:externalId",
		}).Draw(t, "attribute")
		if rapid.Bool().Draw(t, "present") {
			return attribute + " pr"
		}
		operator := rapid.SampledFrom([]string{"eq", "NE", "co", "sw", "ew", "gt", "ge", "lt", "le"}).Draw(t, "operator")
		return attribute + " " + operator + " " + value.Draw(t, "compared")
	})
	var node func(depth int) *rapid.Generator[string]
	node = func(depth int) *rapid.Generator[string] {
		if depth == 0 {
			return leaf
		}
		below := node(depth - 1)
		return rapid.OneOf(
			leaf,
			rapid.Map(below, func(f string) string { return "not (" + f + ")" }),
			rapid.Map(below, func(f string) string { return "(" + f + ")" }),
			rapid.Map(rapid.SliceOfN(below, 2, 3), func(f []string) string { return strings.Join(f, " and ") }),
			rapid.Map(rapid.SliceOfN(below, 2, 3), func(f []string) string { return strings.Join(f, " OR ") }),
			rapid.Just(`emails[type eq "work" or not (value co "x")]`),
		)
	}
	return node(4)
}

// Parsing a printed filter gives the same filter.
func TestFilterPrintRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := filters().Draw(t, "filter")
		first, err := scim.ParseFilter(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again, err := scim.ParseFilter(first.String())
		if err != nil {
			t.Fatalf("%s, printed as %s: %v", text, first, err)
		}
		if again.String() != first.String() {
			t.Fatalf("%s, printed as %s, is parsed as %s", text, first, again)
		}
		if scim.Matches(first, scim.Users, dan()) != scim.Matches(again, scim.Users, dan()) {
			t.Fatalf("%s and %s disagree", first, again)
		}
	})
}

func TestFilterOperatorsFollowLogic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := filters().Draw(t, "a"), filters().Draw(t, "b")
		matches := func(text string) bool {
			f, err := scim.ParseFilter(text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			return scim.Matches(f, scim.Users, dan())
		}
		left, right := matches(a), matches(b)
		for text, want := range map[string]bool{
			"not (" + a + ")":                  !left,
			"(" + a + ") and (" + b + ")":      left && right,
			"(" + a + ") or (" + b + ")":       left || right,
			"not ((" + a + ") or (" + b + "))": !left && !right,
		} {
			if got := matches(text); got != want {
				t.Fatalf("%s: %v, want %v", text, got, want)
			}
		}
	})
}

// The lookup and the rest of a plan together match the same users as the filter.
func TestPlanEqualsFilter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := filters().Draw(t, "filter")
		f, err := scim.ParseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		lookup, rest := scim.Plan(f, scim.Users)
		if lookup == nil {
			if rest.String() != f.String() {
				t.Fatalf("%s is left as %s", f, rest)
			}
			return
		}
		names := map[scim.Index]string{scim.ByID: "u-dan", scim.ByUserName: "dan", scim.ByEmail: "dan@example.com"}
		found := names[lookup.By] == lookup.Value || lookup.By != scim.ByID && strings.EqualFold(names[lookup.By], lookup.Value)
		if found = found && (rest == nil || scim.Matches(rest, scim.Users, dan())); found != scim.Matches(f, scim.Users, dan()) {
			t.Fatalf("%s: %+v and %v find %v", f, lookup, rest, found)
		}
	})
}

func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{
		`id eq "a"`, `not (a.b pr) and c[d eq 1 or e co "x"]`, `urn:a:b:2.0:c ne null`, `((`, `a eq "\`, `id eq a-b-c-d`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := scim.ParseFilter(text)
		if err != nil {
			return
		}
		if again, err := scim.ParseFilter(filter.String()); err != nil || again.String() != filter.String() {
			t.Errorf("%q is printed as %q, which is parsed as %v, %v", text, filter, again, err)
		}
		if scim.Check(filter, scim.Users) == nil {
			scim.Matches(filter, scim.Users, dan())
		}
	})
}

func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{`active`, `emails[type eq "work"].value`, `urn:a:b:c.d`, `members[value eq "x"]`, `a[`, `[`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path, err := scim.ParsePath(text)
		if err != nil {
			return
		}
		if again, err := scim.ParsePath(path.String()); err != nil || again.String() != path.String() {
			t.Errorf("%q is printed as %q, which is parsed as %v, %v", text, path, again, err)
		}
	})
}
