package policy_test

import (
	"reflect"
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/policy"
)

func TestReadParsesPolicy(t *testing.T) {
	const scheduled = "name: p\ndescription: d\nenabled: false\nrules:\n- type: schedule\n  cadence: 30 2 * * *\n  agents:\n    prod:\n      namespaces: [a, b]\n    edge: {}\n"
	rows := []struct {
		name, yaml, err string
		want            gitlab.SecurityPolicy
	}{
		{"a schedule", scheduled, "", gitlab.SecurityPolicy{
			Description: "d", SwitchedOff: true,
			Schedules: []gitlab.PolicySchedule{{Cadence: "30 2 * * *", Agents: map[string][]string{"prod": {"a", "b"}, "edge": {}}}},
		}},
		{"a pipeline rule", "---\nname: p\nrules:\n- type: pipeline\n  branches: [main]\n", "", gitlab.SecurityPolicy{}},
		{"malformed YAML", "name: p\nrules: [", "line 2: ", gitlab.SecurityPolicy{}},
		{"a string", "y", "line 1: must be a mapping", gitlab.SecurityPolicy{}},
		{"a wrong type", "name: p\nenabled: often\n", "line 2: ", gitlab.SecurityPolicy{}},
		{"an unknown rule", "name: p\nrules:\n- type: moon\n", "line 3: a rule's type", gitlab.SecurityPolicy{}},
		{"no cadence", "name: p\nrules:\n- type: schedule\n", "line 3: a schedule's cadence", gitlab.SecurityPolicy{}},
		{"a number as namespaces", "name: p\nrules:\n- type: schedule\n  cadence: '@daily'\n  agents: {prod: {namespaces: 1}}\n", "line 5: ", gitlab.SecurityPolicy{}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := gitlab.SecurityPolicy{YAML: row.yaml}
			err := policy.Read(&got)
			if (err != nil) != (row.err != "") || err != nil && !strings.HasPrefix(err.Error(), row.err) {
				t.Fatalf("error %v, want %q", err, row.err)
			}
			row.want.YAML = row.yaml
			if err == nil && !reflect.DeepEqual(got, row.want) {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("name: p\nrules:\n- type: schedule\n  cadence: 30 2 * * *\n")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, yaml string) {
		if err := policy.Read(&gitlab.SecurityPolicy{YAML: yaml}); err != nil && !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("%q: %v has no line", yaml, err)
		}
	})
}
