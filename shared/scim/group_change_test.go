package scim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/scim"
)

func TestPatchGroupChanges(t *testing.T) {
	rows := []struct{ name, operations, want string }{
		{
			"add members, as Entra ID sends it", `{"op":"Add","path":"members","value":[{"value":"a"},{"value":"b"},{"value":"a"}]}`,
			`{"Clear":false,"Remove":null,"Add":["a","b"]}`,
		},
		{
			"remove members by value, as Entra ID sends it", `{"op":"Remove","path":"members","value":[{"value":"a"}]}`,
			`{"Clear":false,"Remove":["a"],"Add":null}`,
		},
		{"remove a member by a filter", `{"op":"remove","path":"members[value eq \"a\"]"}`, `{"Clear":false,"Remove":["a"],"Add":null}`},
		{
			"remove members by a complex filter", `{"op":"remove","path":"members[value sw \"u-\" and not (value eq \"u-rita\")]"}`,
			`{"Clear":false,"Remove":["u-dan"],"Add":null}`,
		},
		{"remove two by a filter", `{"op":"remove","path":"members[value eq \"a\" or value eq \"b\"]"}`, `{"Clear":false,"Remove":["a","b"],"Add":null}`},
		{"remove all", `{"op":"remove","path":"members"}`, `{"Clear":true,"Remove":null,"Add":null}`},
		{"remove none", `{"op":"remove","path":"members","value":[]}`, `{"Clear":false,"Remove":null,"Add":null}`},
		{"replace all", `{"op":"replace","path":"members","value":[{"value":"a"}]}`, `{"Clear":true,"Remove":null,"Add":["a"]}`},
		{"replace with an empty list", `{"op":"replace","path":"members","value":[]}`, `{"Clear":true,"Remove":null,"Add":null}`},
		{
			"the later operation wins", `{"op":"add","path":"members","value":["a","b"]},{"op":"remove","path":"members","value":[{"value":"a"}]}`,
			`{"Clear":false,"Remove":["a"],"Add":["b"]}`,
		},
		{
			"removed and added again", `{"op":"remove","path":"members[value eq \"a\"]"},{"op":"add","path":"members","value":{"value":"a"}}`,
			`{"Clear":false,"Remove":[],"Add":["a"]}`,
		},
		{
			"without a path, as Okta sends it", `{"op":"replace","value":{"id":"5","displayName":"Dev","members":[{"value":"a","display":"A"}]}}`,
			`{"DisplayName":"Dev","Clear":true,"Remove":null,"Add":["a"]}`,
		},
		{"an external id", `{"op":"replace","path":"externalId","value":"G-2"}`, `{"ExternalID":"G-2","Clear":false,"Remove":null,"Add":null}`},
		{"no external id", `{"op":"remove","path":"externalId"}`, `{"ExternalID":"","Clear":false,"Remove":null,"Add":null}`},
		{"an unknown attribute", `{"op":"add","path":"description","value":"x"}`, `{"Clear":false,"Remove":null,"Add":null}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := scim.PatchGroup(operations(t, patch(row.operations)), []string{"u-dan", "u-rita"})
			if err != nil {
				t.Fatal(err)
			}
			if shown := change(t, got); shown != row.want {
				t.Errorf("%s, want %s", shown, row.want)
			}
		})
	}
}

// change returns a change as JSON without unchanged names.
func change(t *testing.T, c scim.GroupChange) string {
	t.Helper()
	text := encoded(t, c)
	text = strings.ReplaceAll(text, `"DisplayName":null,`, "")
	return strings.ReplaceAll(text, `"ExternalID":null,`, "")
}

func TestPatchMembersNeededForFilter(t *testing.T) {
	for operations, want := range map[string]bool{
		`{"op":"remove","path":"members[value eq \"a\" or value eq \"b\"]"}`: false,
		`{"op":"remove","path":"members[value sw \"a\"]"}`:                   true,
		`{"op":"add","path":"members","value":["a"]}`:                        false,
	} {
		read, err := scim.ReadOperations(object(t, patch(operations)))
		if err != nil {
			t.Fatal(err)
		}
		if got := scim.PatchMembers(read).All; got != want {
			t.Errorf("%s: %v, want %v", operations, got, want)
		}
	}
}

func TestPatchGroupRejectsInvalidChange(t *testing.T) {
	many := make([]string, scim.MaxMembers+1)
	for i := range many {
		many[i] = fmt.Sprintf(`{"value":"u-%d"}`, i)
	}
	rows := []struct {
		name, operations string
		status           int
		kind             scim.Type
	}{
		{"a blank name", `{"op":"replace","path":"displayName","value":" "}`, 400, scim.InvalidValue},
		{"a name that is too long", `{"op":"replace","path":"displayName","value":"` + strings.Repeat("x", 256) + `"}`, 400, scim.InvalidValue},
		{"a removed name", `{"op":"remove","path":"displayName"}`, 400, scim.Mutability},
		{"a member without a value", `{"op":"add","path":"members","value":[{"display":"A"}]}`, 400, scim.InvalidValue},
		{"a replaced sub-attribute of a member", `{"op":"replace","path":"members[value eq \"a\"]","value":{"value":"b"}}`, 400, scim.Mutability},
		{"a filter with an unknown attribute", `{"op":"remove","path":"members[nick eq \"a\"]"}`, 400, scim.InvalidPath},
		{"too many members", `{"op":"add","path":"members","value":[` + strings.Join(many, ",") + `]}`, 413, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := scim.PatchGroup(operations(t, patch(row.operations)), nil)
			refused(t, err, row.status, row.kind)
		})
	}
}

func TestNewAndReplacedGroup(t *testing.T) {
	g, err := scim.ReadNewGroup(object(t, `{"displayName":"Ops","externalId":"G-1","members":[{"value":"a","$ref":"x","type":"User"},{"value":"b"}]}`))
	if want := `{"DisplayName":"Ops","ExternalID":"G-1","Members":["a","b"]}`; err != nil || encoded(t, g) != want {
		t.Errorf("%s, %v, want %s", encoded(t, g), err, want)
	}
	_, err = scim.ReadNewGroup(object(t, `{"members":[]}`))
	refused(t, err, 400, scim.InvalidValue)

	for body, want := range map[string]string{
		`{"displayName":"Ops"}`:                                  `{"DisplayName":"Ops","Clear":false,"Remove":null,"Add":null}`,
		`{"displayName":"Ops","members":null,"externalId":null}`: `{"DisplayName":"Ops","ExternalID":"","Clear":true,"Remove":null,"Add":null}`,
	} {
		got, err := scim.ReplaceGroup(object(t, body))
		if err != nil || change(t, got) != want {
			t.Errorf("%s: %s, %v, want %s", body, change(t, got), err, want)
		}
	}
}

// One change of all operations equals the operations applied one by one.
func TestPatchGroupEqualsItsSteps(t *testing.T) {
	uid := rapid.SampledFrom([]string{"a", "b", "c", "d"})
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SliceOfDistinct(uid, rapid.ID).Draw(t, "before")
		now := slices.Clone(before)
		var steps []string
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			named := rapid.SliceOfNDistinct(uid, 1, 3, rapid.ID).Draw(t, "named")
			op := rapid.SampledFrom([]string{"add", "remove", "replace", "clear"}).Draw(t, "op")
			value := `,"value":["` + strings.Join(named, `","`) + `"]`
			switch op {
			case "add":
				now = append(drop(now, named), named...)
			case "remove":
				now = drop(now, named)
			case "replace":
				now = named
			case "clear":
				op, value, now = "remove", "", nil
			}
			steps = append(steps, fmt.Sprintf(`{"op":%q,"path":"members"%s}`, op, value))
		}
		read, err := scim.ReadOperations(map[string]any{"Operations": "[" + strings.Join(steps, ",") + "]"})
		if err != nil {
			t.Fatal(err)
		}
		c, err := scim.PatchGroup(read, before)
		if err != nil {
			t.Fatal(err)
		}
		after := before
		if c.Clear {
			after = nil
		}
		after = append(drop(drop(after, c.Remove), c.Add), c.Add...)
		slices.Sort(after)
		slices.Sort(now)
		if !slices.Equal(after, now) {
			t.Fatalf("%v gives %v, want %v", steps, after, now)
		}
	})
}

func drop(all, dropped []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(dropped, one) })
}
