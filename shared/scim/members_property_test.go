package scim_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/scim"
)

// aboutMembers draws filters of groups with all kinds of conditions on members.
func aboutMembers() *rapid.Generator[string] {
	uid := rapid.SampledFrom([]string{`"a"`, `"b"`, `"c"`, `"ab"`})
	inner := rapid.OneOf(
		rapid.Map(uid, func(u string) string { return "value eq " + u }),
		rapid.Map(uid, func(u string) string { return "VALUE ne " + u }),
		rapid.Map(uid, func(u string) string { return "value sw " + u }),
		rapid.Map(uid, func(u string) string { return "not (value eq " + u + ")" }),
		rapid.Map(uid, func(u string) string { return "value eq " + u + ` and type eq "User"` }),
		rapid.Map(rapid.SliceOfN(uid, 2, 3), func(u []string) string { return "value eq " + strings.Join(u, " or value eq ") }),
	)
	leaf := rapid.OneOf(
		rapid.Just("members pr"), rapid.Just("members ne null"), rapid.Just(`displayName eq "x"`),
		rapid.Map(uid, func(u string) string { return "members eq " + u }),
		rapid.Map(uid, func(u string) string { return "members ne " + u }),
		rapid.Map(uid, func(u string) string { return "Members.value co " + u }),
		rapid.Map(uid, func(u string) string { return "members.value eq " + u }),
		rapid.Map(inner, func(f string) string { return "members[" + f + "]" }),
	)
	return rapid.OneOf(
		leaf,
		rapid.Map(leaf, func(f string) string { return "not (" + f + ")" }),
		rapid.Map(rapid.SliceOfN(leaf, 2, 3), func(f []string) string { return strings.Join(f, " and ") }),
		rapid.Map(rapid.SliceOfN(leaf, 2, 3), func(f []string) string { return strings.Join(f, " or ") }),
	)
}

func group(members []string) scim.Resource {
	return (&scim.Group{ID: "5", DisplayName: "x", Members: members}).Resource("https://gitlab.example.com")
}

// Loading only the members that FilterMembers returns gives the same result as loading all.
func TestFilterMembersAreSufficient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := aboutMembers().Draw(t, "filter")
		all := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"a", "b", "c", "ab", "d"}), rapid.ID).Draw(t, "members")
		filter, err := scim.ParseFilter(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		asked := scim.FilterMembers(filter)
		loaded := all
		if !asked.All {
			loaded = slices.DeleteFunc(slices.Clone(all), func(uid string) bool { return !slices.Contains(asked.UIDs, uid) })
		}
		got, want := scim.Matches(filter, scim.Groups, group(loaded)), scim.Matches(filter, scim.Groups, group(all))
		if got != want {
			t.Fatalf("%s of %q: %v with %q, %v with all", text, all, got, loaded, want)
		}
	})
}

// A removal by a filter removes the members that match it, after the earlier operations.
func TestPatchRemovesFilteredMembers(t *testing.T) {
	selections := map[string]func(uid string) bool{
		`value eq "a"`:                         func(uid string) bool { return uid == "a" },
		`value ne "a"`:                         func(uid string) bool { return uid != "a" },
		`value eq "a" or value eq "b"`:         func(uid string) bool { return uid == "a" || uid == "b" },
		`value sw "a" and not (value eq "ab")`: func(uid string) bool { return uid[0] == 'a' && uid != "ab" },
		`type eq "User" and (value co "b")`:    func(uid string) bool { return strings.Contains(uid, "b") },
		`value eq "A"`:                         func(uid string) bool { return false }, // case-sensitive
		`VALUE pr`:                             func(uid string) bool { return true },
	}
	names := make([]string, 0, len(selections))
	for name := range selections {
		names = append(names, name)
	}
	slices.Sort(names)
	uids := rapid.SampledFrom([]string{"a", "b", "ab", "ac", "d"})
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SliceOfDistinct(uids, rapid.ID).Draw(t, "before")
		now := slices.Clone(before)
		var steps []string
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "add") {
				uid := uids.Draw(t, "uid")
				now = append(drop(now, []string{uid}), uid)
				steps = append(steps, `{"op":"add","path":"members","value":[{"value":"`+uid+`"}]}`)
				continue
			}
			name := rapid.SampledFrom(names).Draw(t, "selection")
			now = slices.DeleteFunc(now, selections[name])
			steps = append(steps, `{"op":"remove","path":"members[`+strings.ReplaceAll(name, `"`, `\"`)+`]"}`)
		}
		read, err := scim.ReadOperations(map[string]any{"Operations": "[" + strings.Join(steps, ",") + "]"})
		if err != nil {
			t.Fatal(err)
		}
		known := before
		if !scim.PatchMembers(read).All {
			known = nil
		}
		change, err := scim.PatchGroup(read, known)
		if err != nil {
			t.Fatal(err)
		}
		after := append(drop(drop(before, change.Remove), change.Add), change.Add...)
		slices.Sort(after)
		slices.Sort(now)
		if !slices.Equal(after, now) {
			t.Fatalf("%v of %q leaves %q, want %q", steps, before, after, now)
		}
	})
}
