package scim_test

import (
	"slices"
	"strings"
	"testing"

	"postern/shared/scim"
)

const groupURN = "urn:ietf:params:scim:schemas:core:2.0:Group:"

// Operations are evaluated one after the other, each on what the ones before it left (RFC 7644 section 3.5.2). The group has
// the members u-dan and u-rita before.
func TestPatchesInTheirOrder(t *testing.T) {
	const (
		addNew     = `{"op":"add","path":"members","value":[{"value":"u-new"}]}`
		removeByID = `{"op":"remove","path":"members[value eq \"u-dan\"]"}`
		removeAny  = `{"op":"remove","path":"members[value sw \"u-\"]"}`
		removeAll  = `{"op":"remove","path":"members"}`
		replace    = `{"op":"replace","path":"members","value":[{"value":"u-new"},{"value":"x"}]}`
	)
	rows := []struct {
		name  string
		steps []string
		want  string // the members after it
	}{
		{"add", []string{addNew}, "u-dan u-new u-rita"},
		{"add one who is there", []string{`{"op":"add","path":"members","value":[{"value":"u-dan"}]}`}, "u-dan u-rita"},
		{"add twice", []string{addNew, addNew}, "u-dan u-new u-rita"},
		{"add an object", []string{`{"op":"add","path":"members","value":{"value":"x"}}`}, "u-dan u-rita x"},
		{"add a text", []string{`{"op":"add","path":"members","value":"x"}`}, "u-dan u-rita x"},
		{"add a number", []string{`{"op":"add","path":"members","value":[{"value":7}]}`}, "7 u-dan u-rita"},
		{"add none", []string{`{"op":"add","path":"members","value":[]}`}, "u-dan u-rita"},
		{"add without a path", []string{`{"op":"add","value":{"members":[{"value":"x"}]}}`}, "u-dan u-rita x"},
		{"add behind the URN", []string{`{"op":"add","path":"` + groupURN + `members","value":[{"value":"x"}]}`}, "u-dan u-rita x"},
		{"remove by id", []string{removeByID}, "u-rita"},
		{"remove by id, with the path in other letters", []string{`{"op":"remove","path":"MEMBERS[VALUE EQ \"u-dan\"]"}`}, "u-rita"},
		{"remove by an id in other letters", []string{`{"op":"remove","path":"members[value eq \"U-DAN\"]"}`}, "u-dan u-rita"},
		{"remove nobody", []string{`{"op":"remove","path":"members[value eq \"x\"]"}`}, "u-dan u-rita"},
		{"remove by what nobody has", []string{`{"op":"remove","path":"members[type eq \"Group\"]"}`}, "u-dan u-rita"},
		{"remove by what all have", []string{`{"op":"remove","path":"members[type eq \"user\"]"}`}, ""},
		{"remove all but one", []string{`{"op":"remove","path":"members[not (value eq \"u-dan\")]"}`}, "u-dan"},
		{"remove by two conditions", []string{`{"op":"remove","path":"members[value sw \"u-\" and value ew \"rita\"]"}`}, "u-dan"},
		{"remove behind the URN", []string{`{"op":"remove","path":"` + groupURN + `members[value eq \"u-dan\"]"}`}, "u-rita"},
		{"remove with a value of null", []string{`{"op":"remove","path":"members","value":null}`}, ""},
		{"replace", []string{replace}, "u-new x"},
		{"replace by null", []string{`{"op":"replace","path":"members","value":null}`}, ""},
		{"replace without a path", []string{`{"op":"replace","value":{"members":[{"value":"x"}]}}`}, "x"},
		{"add, then remove by id", []string{`{"op":"add","path":"members","value":"x"}`, `{"op":"remove","path":"members[value eq \"x\"]"}`}, "u-dan u-rita"},
		{"add, then remove by what it has", []string{addNew, removeAny}, ""},
		{"remove by what they have, then add", []string{removeAny, addNew}, "u-new"},
		{"remove all, then add", []string{removeAll, addNew}, "u-new"},
		{"add, then remove all", []string{addNew, removeAll}, ""},
		{"remove all, add, remove by what it has", []string{removeAll, addNew, removeAny}, ""},
		{"replace, then remove by what one has", []string{replace, removeAny}, "x"},
		{"replace, then remove by id", []string{replace, `{"op":"remove","path":"members[value eq \"x\"]"}`}, "u-new"},
		{"remove and add the same", []string{removeByID, `{"op":"add","path":"members","value":"u-dan"}`}, "u-dan u-rita"},
		{"remove, then all but the removed", []string{removeByID, `{"op":"remove","path":"members[value ne \"u-dan\"]"}`}, ""},
		{"what is about a part of a member", []string{`{"op":"remove","path":"members[value eq \"u-dan\"].display"}`}, "u-dan u-rita"},
		{"what is about another schema", []string{`{"op":"remove","path":"urn:other:schema:members"}`}, "u-dan u-rita"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			before := []string{"u-dan", "u-rita"}
			c, err := scim.PatchGroup(operations(t, patch(strings.Join(row.steps, ","))), before)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(after(&c, before), " "); got != row.want {
				t.Errorf("members %q, want %q", got, row.want)
			}
			if !slices.Equal(before, []string{"u-dan", "u-rita"}) {
				t.Errorf("what was given is now %v", before)
			}
		})
	}
}

// after are the members that a change leaves, sorted.
func after(c *scim.GroupChange, before []string) []string {
	if c.Clear {
		before = nil
	}
	members := append(drop(drop(before, c.Remove), c.Add), c.Add...)
	slices.Sort(members)
	return members
}

// Errors name what is wrong by the types of RFC 7644 table 9.
func TestPatchesOfGroupsThatAreNone(t *testing.T) {
	rows := []struct {
		name, operations string
		kind             scim.Type
	}{
		{"remove without a path", `{"op":"remove"}`, scim.NoTarget},
		{"remove with an empty path", `{"op":"remove","path":"","value":{"members":[]}}`, scim.NoTarget},
		{"replace without path and value", `{"op":"replace"}`, scim.InvalidValue},
		{"add null without a path", `{"op":"add","value":null}`, scim.InvalidValue},
		{"a list without a path", `{"op":"add","value":[{"members":[]}]}`, scim.InvalidValue},
		{"replace members without a value", `{"op":"replace","path":"members"}`, scim.InvalidValue},
		{"add members without a value", `{"op":"add","path":"members"}`, scim.InvalidValue},
		{"replace an external id without a value", `{"op":"replace","path":"externalId"}`, scim.InvalidValue},
		{"update without a value", `{"op":"update","path":"members"}`, scim.InvalidValue},
		{"a name of null", `{"op":"replace","path":"displayName","value":null}`, scim.InvalidValue},
		{"a name that is a list", `{"op":"replace","path":"displayName","value":["x"]}`, scim.InvalidValue},
		{"a name with NUL", `{"op":"replace","path":"displayName","value":"a\u0000"}`, scim.InvalidValue},
		{"a member that is an empty text", `{"op":"add","path":"members","value":[""]}`, scim.InvalidValue},
		{"a member that is empty", `{"op":"add","path":"members","value":[{}]}`, scim.InvalidValue},
		{"a member that is null", `{"op":"add","path":"members","value":[null]}`, scim.InvalidValue},
		{"a member that is a boolean", `{"op":"add","path":"members","value":[true]}`, scim.InvalidValue},
		{"a member whose value is an object", `{"op":"add","path":"members","value":[{"value":{"value":"x"}}]}`, scim.InvalidValue},
		{"a member that is changed", `{"op":"replace","path":"members[value eq \"u-dan\"]","value":{"value":"x"}}`, scim.Mutability},
		{"a member that is added where one is selected", `{"op":"add","path":"members[value eq \"u-dan\"]","value":{"value":"x"}}`, scim.Mutability},
		{"an external id that is too long", `{"op":"add","path":"externalId","value":"` + strings.Repeat("x", 513) + `"}`, scim.InvalidValue},
		{"a filter without an end", `{"op":"remove","path":"members[value eq \"a\""}`, scim.InvalidPath},
		{"a filter of nothing", `{"op":"remove","path":"members[]"}`, scim.InvalidPath},
		{"a filter within a filter", `{"op":"remove","path":"members[value[x pr]]"}`, scim.InvalidPath},
		{"a filter that makes no sense", `{"op":"remove","path":"members[value gt null]"}`, scim.InvalidPath},
		{"something behind the filter", `{"op":"remove","path":"members[value pr]x"}`, scim.InvalidPath},
		{"a part of a part", `{"op":"remove","path":"members[value pr].a.b"}`, scim.InvalidPath},
		{"a path of spaces", `{"op":"remove","path":"  "}`, scim.InvalidPath},
		{"a path that is too long", `{"op":"remove","path":"` + strings.Repeat("a", 9000) + `"}`, scim.InvalidPath},
		{"an operation that is a number", `{"op":1,"path":"members"}`, scim.InvalidSyntax},
		{"an operation of another protocol", `{"op":"test","path":"members","value":[]}`, scim.InvalidSyntax},
		{"a good operation and a bad one", `{"op":"remove","path":"members"},{"op":"move","path":"members"}`, scim.InvalidSyntax},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			read, err := scim.ReadOperations(object(t, patch(row.operations)))
			if err == nil {
				_, err = scim.PatchGroup(read, []string{"u-dan"})
			}
			refused(t, err, 400, row.kind)
		})
	}
}

func TestPaths(t *testing.T) {
	for path, want := range map[string]scim.Path{
		"active":                       {Attribute: scim.Attribute{Name: "active"}},
		" active ":                     {Attribute: scim.Attribute{Name: "active"}},
		"name.familyName":              {Attribute: scim.Attribute{Name: "name", Sub: "familyName"}},
		groupURN + "members":           {Attribute: scim.Attribute{Schema: strings.TrimSuffix(groupURN, ":"), Name: "members"}},
		"urn:a:b:c.d":                  {Attribute: scim.Attribute{Schema: "urn:a:b", Name: "c", Sub: "d"}},
		"members.$ref":                 {Attribute: scim.Attribute{Name: "members", Sub: "$ref"}},
		"a-b_9":                        {Attribute: scim.Attribute{Name: "a-b_9"}},
		`emails[type eq "work"].value`: {Attribute: scim.Attribute{Name: "emails"}, Sub: "value"},
	} {
		t.Run(path, func(t *testing.T) {
			got, err := scim.ParsePath(path)
			if err != nil || got.Attribute != want.Attribute || got.Sub != want.Sub || (got.Values != nil) != strings.Contains(path, "[") {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestPathsThatAreNone(t *testing.T) {
	for _, path := range []string{
		"", " ", ".", "a.", ".a", "a..b", "a.b.c", "9", "a b", "a[", "a]", "[a pr]", "a[b]", `a[b eq "c"`, `a[b eq "c"]d`, `a[b eq "c"].`,
		`a.b[c pr]`, `a[b pr][c pr]`, `a[b pr].c d`, "urn:a", "urn:a:b:", "http://a:b", "a/b", "é", "a\x00", "$",
	} {
		t.Run(path, func(t *testing.T) {
			_, err := scim.ParsePath(path)
			refused(t, err, 400, scim.InvalidPath)
		})
	}
}
