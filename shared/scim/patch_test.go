package scim_test

import (
	"slices"
	"strings"
	"testing"

	"postern/shared/scim"
)

const groupURN = "urn:ietf:params:scim:schemas:core:2.0:Group:"

// Each operation applies to the result of the previous ones (RFC 7644 section 3.5.2). The group starts with the members
// u-dan and u-rita.
func TestPatchGroupAppliesInOrder(t *testing.T) {
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
		want  string // the resulting members
	}{
		{"add", []string{addNew}, "u-dan u-new u-rita"},
		{"add an existing member", []string{`{"op":"add","path":"members","value":[{"value":"u-dan"}]}`}, "u-dan u-rita"},
		{"add twice", []string{addNew, addNew}, "u-dan u-new u-rita"},
		{"add an object", []string{`{"op":"add","path":"members","value":{"value":"x"}}`}, "u-dan u-rita x"},
		{"add a string", []string{`{"op":"add","path":"members","value":"x"}`}, "u-dan u-rita x"},
		{"add a number", []string{`{"op":"add","path":"members","value":[{"value":7}]}`}, "7 u-dan u-rita"},
		{"add an empty list", []string{`{"op":"add","path":"members","value":[]}`}, "u-dan u-rita"},
		{"add without a path", []string{`{"op":"add","value":{"members":[{"value":"x"}]}}`}, "u-dan u-rita x"},
		{"add with the URN", []string{`{"op":"add","path":"` + groupURN + `members","value":[{"value":"x"}]}`}, "u-dan u-rita x"},
		{"remove by id", []string{removeByID}, "u-rita"},
		{"remove by id, path in other case", []string{`{"op":"remove","path":"MEMBERS[VALUE EQ \"u-dan\"]"}`}, "u-rita"},
		{"remove by id in other case", []string{`{"op":"remove","path":"members[value eq \"U-DAN\"]"}`}, "u-dan u-rita"},
		{"remove an unknown member", []string{`{"op":"remove","path":"members[value eq \"x\"]"}`}, "u-dan u-rita"},
		{"remove by a filter without matches", []string{`{"op":"remove","path":"members[type eq \"Group\"]"}`}, "u-dan u-rita"},
		{"remove by a filter that matches all", []string{`{"op":"remove","path":"members[type eq \"user\"]"}`}, ""},
		{"remove all but one", []string{`{"op":"remove","path":"members[not (value eq \"u-dan\")]"}`}, "u-dan"},
		{"remove by two conditions", []string{`{"op":"remove","path":"members[value sw \"u-\" and value ew \"rita\"]"}`}, "u-dan"},
		{"remove with the URN", []string{`{"op":"remove","path":"` + groupURN + `members[value eq \"u-dan\"]"}`}, "u-rita"},
		{"remove with a null value", []string{`{"op":"remove","path":"members","value":null}`}, ""},
		{"replace", []string{replace}, "u-new x"},
		{"replace with null", []string{`{"op":"replace","path":"members","value":null}`}, ""},
		{"replace without a path", []string{`{"op":"replace","value":{"members":[{"value":"x"}]}}`}, "x"},
		{"add, then remove by id", []string{`{"op":"add","path":"members","value":"x"}`, `{"op":"remove","path":"members[value eq \"x\"]"}`}, "u-dan u-rita"},
		{"add, then remove by filter", []string{addNew, removeAny}, ""},
		{"remove by filter, then add", []string{removeAny, addNew}, "u-new"},
		{"remove all, then add", []string{removeAll, addNew}, "u-new"},
		{"add, then remove all", []string{addNew, removeAll}, ""},
		{"remove all, add, remove by filter", []string{removeAll, addNew, removeAny}, ""},
		{"replace, then remove by filter", []string{replace, removeAny}, "x"},
		{"replace, then remove by id", []string{replace, `{"op":"remove","path":"members[value eq \"x\"]"}`}, "u-new"},
		{"remove and add the same", []string{removeByID, `{"op":"add","path":"members","value":"u-dan"}`}, "u-dan u-rita"},
		{"remove one, then all others", []string{removeByID, `{"op":"remove","path":"members[value ne \"u-dan\"]"}`}, ""},
		{"a sub-attribute of a member", []string{`{"op":"remove","path":"members[value eq \"u-dan\"].display"}`}, "u-dan u-rita"},
		{"another schema", []string{`{"op":"remove","path":"urn:other:schema:members"}`}, "u-dan u-rita"},
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
				t.Errorf("the input slice changed to %v", before)
			}
		})
	}
}

// after returns the members after a change, sorted.
func after(c *scim.GroupChange, before []string) []string {
	if c.Clear {
		before = nil
	}
	members := append(drop(drop(before, c.Remove), c.Add), c.Add...)
	slices.Sort(members)
	return members
}

// Each invalid patch has its scimType (RFC 7644 table 9).
func TestPatchGroupRejectsInvalidOperation(t *testing.T) {
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
		{"a null name", `{"op":"replace","path":"displayName","value":null}`, scim.InvalidValue},
		{"a name that is a list", `{"op":"replace","path":"displayName","value":["x"]}`, scim.InvalidValue},
		{"a name with NUL", `{"op":"replace","path":"displayName","value":"a\u0000"}`, scim.InvalidValue},
		{"an empty string as member", `{"op":"add","path":"members","value":[""]}`, scim.InvalidValue},
		{"an empty object as member", `{"op":"add","path":"members","value":[{}]}`, scim.InvalidValue},
		{"null as member", `{"op":"add","path":"members","value":[null]}`, scim.InvalidValue},
		{"a boolean as member", `{"op":"add","path":"members","value":[true]}`, scim.InvalidValue},
		{"a member whose value is an object", `{"op":"add","path":"members","value":[{"value":{"value":"x"}}]}`, scim.InvalidValue},
		{"a replaced member", `{"op":"replace","path":"members[value eq \"u-dan\"]","value":{"value":"x"}}`, scim.Mutability},
		{"a member added by a filtered path", `{"op":"add","path":"members[value eq \"u-dan\"]","value":{"value":"x"}}`, scim.Mutability},
		{"an external id that is too long", `{"op":"add","path":"externalId","value":"` + strings.Repeat("x", 513) + `"}`, scim.InvalidValue},
		{"an unterminated filter", `{"op":"remove","path":"members[value eq \"a\""}`, scim.InvalidPath},
		{"an empty filter", `{"op":"remove","path":"members[]"}`, scim.InvalidPath},
		{"a nested filter", `{"op":"remove","path":"members[value[x pr]]"}`, scim.InvalidPath},
		{"an unsupported comparison", `{"op":"remove","path":"members[value gt null]"}`, scim.InvalidPath},
		{"text after the filter", `{"op":"remove","path":"members[value pr]x"}`, scim.InvalidPath},
		{"a nested sub-attribute", `{"op":"remove","path":"members[value pr].a.b"}`, scim.InvalidPath},
		{"a blank path", `{"op":"remove","path":"  "}`, scim.InvalidPath},
		{"a path that is too long", `{"op":"remove","path":"` + strings.Repeat("a", 9000) + `"}`, scim.InvalidPath},
		{"a number as operation", `{"op":1,"path":"members"}`, scim.InvalidSyntax},
		{"a JSON Patch operation", `{"op":"test","path":"members","value":[]}`, scim.InvalidSyntax},
		{"a valid and an invalid operation", `{"op":"remove","path":"members"},{"op":"move","path":"members"}`, scim.InvalidSyntax},
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

func TestParsePathParts(t *testing.T) {
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

func TestParsePathRejectsInvalidPath(t *testing.T) {
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
