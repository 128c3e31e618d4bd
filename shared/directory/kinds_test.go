package directory_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"postern/shared/directory"
)

// samples are one of each kind.
func samples() []sample {
	return slices.Concat(placedSamples(), repositorySamples(), accessSamples())
}

// members joins fields of a record.
func members(parts ...string) string {
	given := slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return "{" + strings.Join(given, ", ") + "}"
}

// listing is a document with one record.
func listing(array, record string) string { return `{"` + array + `": [` + record + `]}` }

// isRule reports whether records of a kind lie together with others in one.
func (s sample) isRule() bool { return strings.HasPrefix(s.array, "protected_") }

// nulls clears all the fields of a part.
func nulls(t *testing.T, part string) string {
	t.Helper()
	var cleared []string
	for _, name := range slices.Sorted(maps.Keys(fields(t, members(part)))) {
		cleared = append(cleared, `"`+name+`": null`)
	}
	return strings.Join(cleared, ", ")
}

// withoutNulls drops what is absent.
func withoutNulls(m map[string]any) map[string]any {
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == nil })
	return m
}

func TestANewRecordHoldsWhatItIsGivenItsDefaultsAndNothingElse(t *testing.T) {
	tab := opened(t, ground)
	for _, s := range samples() {
		if s.isRule() {
			continue // see TestRulesHoldTheirDefaults
		}
		t.Run(s.array, func(t *testing.T) {
			tab := tab.with(t)
			tab.applied(listing(s.array, members(s.identity, s.needs)))
			want := fields(t, keys(t, members(s.identity, s.needs)))
			maps.Copy(want, fields(t, members(s.defaults)))
			got := fields(t, tab.get(s.record))
			if s.array == "deploy_keys" { // its projects are records of their own
				delete(want, "projects")
				delete(got, "fingerprint_sha256")
			}
			if want = withoutNulls(want); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

func TestEveryFieldIsKeptAndClearedToItsDefault(t *testing.T) {
	tab := opened(t, ground)
	for _, s := range samples() {
		if s.isRule() || s.other == "" {
			continue
		}
		t.Run(s.array, func(t *testing.T) {
			tab := tab.with(t)
			tab.applied(listing(s.array, members(s.identity, s.needs)))
			before := fields(t, tab.get(s.record))

			tab.applied(listing(s.array, members(s.identity, s.other)))
			kept := s.kept
			if kept == "" {
				kept = s.other
			}
			holds(t, tab.get(s.record), members(kept))

			tab.applied(listing(s.array, members(s.identity, nulls(t, s.other))))
			cleared := fields(t, tab.get(s.record))
			// A moment to be confirmed at is the default of a new user only, and where a group has been stays known.
			for _, name := range []string{"confirmed_at", "paths", "chain"} {
				delete(before, name)
				delete(cleared, name)
			}
			if !reflect.DeepEqual(cleared, before) {
				t.Errorf("cleared, it is %v\nas new, it was %v", cleared, before)
			}
		})
	}
}

func TestEveryKindIsCountedAsItChanges(t *testing.T) {
	tab := opened(t, ground)
	for _, s := range samples() {
		t.Run(s.array, func(t *testing.T) {
			tab := tab.with(t)
			whole := members(s.identity, s.needs)
			other := s.other
			if other == "" { // refs, certificates, links and exclusions have no other fields
				other = map[string]string{
					"refs":                     `"target": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"`,
					"ssh_certificates":         `"title": "new"`,
					"saml_group_links":         `"access_level": 40`,
					"storage_limit_exclusions": `"reason": "new"`,
				}[s.array]
			}
			steps := []struct {
				name, document string
				want           directory.Count
			}{
				{"new", listing(s.array, whole), directory.Count{Created: 1}},
				{"the same again", listing(s.array, whole), directory.Count{Unchanged: 1}},
				{"its identity alone", listing(s.array, members(s.identity)), directory.Count{Unchanged: 1}},
				{"other values", listing(s.array, members(s.identity, other)), directory.Count{Updated: 1}},
				{"other values again", listing(s.array, members(s.identity, other)), directory.Count{Unchanged: 1}},
				{"removed", `{"remove": ` + listing(s.array, members(s.identity)) + `}`, directory.Count{Removed: 1}},
				{"removed again", `{"remove": ` + listing(s.array, members(s.identity)) + `}`, directory.Count{}},
				{"made again", listing(s.array, whole), directory.Count{Created: 1}},
			}
			for _, step := range steps {
				result := tab.apply(step.document)
				if len(result.Mistakes) > 0 || result.Counts[s.array] != step.want {
					t.Fatalf("%s: got %+v, want %+v", step.name, result, step.want)
				}
			}
		})
	}
}

func TestEveryKindHasASample(t *testing.T) {
	var got []string
	for _, s := range samples() {
		got = append(got, s.array)
	}
	for _, known := range identities {
		if known.array != "storages" && !slices.Contains(got, known.array) {
			t.Errorf("%s has none", known.array)
		}
	}
}

func TestRulesHoldTheirDefaults(t *testing.T) {
	tests := []struct{ name, document, want string }{
		{
			"a branch lets nobody in", `{"protected_branches": [{"project_id": 8, "name": "main"}]}`,
			`{"name": "main", "project_id": 8}`,
		},
		{
			"a branch of a group", `{"protected_branches": [{"namespace_id": 20, "name": "main", "allow_force_push": true}]}`,
			`{"name": "main", "namespace_id": 20, "allow_force_push": true}`,
		},
		{
			"cleared lists are empty", `{"protected_branches": [{"project_id": 8, "name": "a", "push_access_levels": null,
			"merge_access_levels": null, "allow_force_push": null}]}`, `{"name": "a", "project_id": 8}`,
		},
		{
			"level 0 is kept", `{"protected_branches": [{"project_id": 8, "name": "b", "push_access_levels": [{"access_level": 0}]}]}`,
			`{"name": "b", "project_id": 8, "push_access_levels": [{"access_level": 0}]}`,
		},
		{"a tag lets nobody in", `{"protected_tags": [{"project_id": 8, "name": "v"}]}`, `{"name": "v", "project_id": 8}`},
		{
			"a list replaces the one before", `{"protected_tags": [{"project_id": 8, "name": "v",
			"create_access_levels": [{"user_id": 1}]}]}`, `{"name": "v", "create_access_levels": [{"user_id": 1}]}`,
		},
	}
	tab := opened(t, ground)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tab := tab.with(t)
			tab.applied(test.document)
			want := fields(t, test.want)
			for _, rule := range tab.rules(want["namespace_id"] != nil) {
				if rule["name"] == want["name"] {
					text, _ := json.Marshal(rule)
					holds(t, string(text), test.want)
					return
				}
			}
			t.Error("the rule is not there")
		})
	}
}
