package directory

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store/record"
	"postern/shared/table"
)

func TestParse(t *testing.T) {
	tests := []struct{ name, data, fields, wrong string }{
		{"no fields", `{}`, "", ""},
		{"fields are kept as they are written", `{"a": 1.0, "b": [ ]}`, "a=1.0 b=[ ]", ""},
		{"null is a field", `{"a": null}`, "a=null", ""},
		{"the last of two of one name, which is a mistake", `{"a": 1, "a": 2}`, "a=2", "x.a is given twice"},
		{"names differ by case", `{"a": 1, "A": 2}`, "A=2 a=1", ""},
		{"a list is no record", `[]`, "", "x must be an object"},
		{"null is no record", `null`, "", "x must be an object"},
		{"a text is no record", `"{}"`, "", "x must be an object"},
		{"nothing is no record", ``, "", "x must be an object"},
		{"what breaks off is no record", `{"a": `, "", "x must be an object"},
		{"names are texts", `{5: 1}`, "", "x must be an object"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var m document.Mistakes
			var got, wrong []string
			for name, value := range document.Parse(json.RawMessage(test.data), "x", &m) {
				got = append(got, name+"="+string(value))
			}
			slices.Sort(got)
			for _, one := range m.List {
				wrong = append(wrong, one.Place+" "+one.Message)
			}
			if s := strings.Join(got, " "); s != test.fields {
				t.Errorf("got %s, want %s", s, test.fields)
			}
			if s := strings.Join(wrong, "\n"); s != test.wrong {
				t.Errorf("mistakes are %q, want %q", s, test.wrong)
			}
		})
	}
}

func TestMistakesAreListedOnceAndBounded(t *testing.T) {
	tests := []struct {
		name         string
		add          []string
		listed, more int
	}{
		{"none", nil, 0, 0},
		{"one", []string{"a"}, 1, 0},
		{"the same again just after it", []string{"a", "a"}, 1, 0},
		{"the same again a little after it", []string{"a", "b", "c", "a"}, 3, 0},
		{"the same again much later is another occasion", []string{"a", "b", "c", "d", "a"}, 5, 0},
		{"as many as are listed", slices.Repeat([]string{"a", "b", "c", "d"}, 250), 1000, 0},
		{"those beyond are counted", append(slices.Repeat([]string{"a", "b", "c", "d"}, 250), "v", "w", "x", "y"), 1000, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var m document.Mistakes
			for _, message := range test.add {
				m.Add("x", "%s", message)
			}
			if len(m.List) != test.listed || m.More != test.more || m.Count() != test.listed+test.more {
				t.Errorf("%d are listed and %d more, want %d and %d", len(m.List), m.More, test.listed, test.more)
			}
			if m.None() != (test.listed == 0) {
				t.Errorf("none is %v", m.None())
			}
		})
	}
}

func TestReferencesOfARecord(t *testing.T) {
	one, two := gitlab.ID(1), gitlab.ID(2)
	tests := []struct {
		name   string
		record any
		want   string
	}{
		{"nothing is named", &gitlab.Key{ID: 5}, ""},
		{"an owner", &gitlab.Key{ID: 5, UserID: &one}, "user_id=user 1"},
		{"what the service sets is not the document's", &gitlab.User{ID: 5, NamespaceID: 9}, ""},
		{"two groups", &gitlab.User{EnterpriseGroupID: &one, ProvisionedByGroupID: &two}, "enterprise_group_id=namespace 1 provisioned_by_group_id=namespace 2"},
		{"a struct around the domain's", &record.PlacedProject{Project: gitlab.Project{NamespaceID: 3}}, "namespace_id=namespace 3"},
		{"entries of a list", &deployKey{Projects: []gitlab.DeployKeyLink{{ProjectID: 1}, {ProjectID: 2}}}, "projects[0].project_id=project 1 projects[1].project_id=project 2"},
		{
			"each of a rule's grants", &gitlab.ProtectedTag{ProjectID: 7, CreateAccessLevels: []gitlab.Grantee{{UserID: &one}, {GroupID: &two}, {}}},
			"project_id=project 7 create_access_levels[0].user_id=user 1 create_access_levels[1].group_id=namespace 2",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, ref := range referencesOf(test.record) {
				got = append(got, fmt.Sprintf("%s=%s %d", ref.place, ref.kind, ref.id))
			}
			if s := strings.Join(got, " "); s != test.want {
				t.Errorf("got %s, want %s", s, test.want)
			}
		})
	}
}

func TestSetsThatAreJoinedAreOne(t *testing.T) {
	a, b, c, d := spot{0, 1}, spot{0, 2}, spot{1, 1}, spot{2, 1}
	tests := []struct {
		name  string
		joins [][2]spot
		with  spot
		size  int
	}{
		{"two", [][2]spot{{a, b}}, b, 2},
		{"a chain", [][2]spot{{a, b}, {b, c}}, a, 3},
		{"two pairs by a third", [][2]spot{{a, b}, {c, d}, {d, a}}, c, 4},
		{"the same twice", [][2]spot{{a, b}, {b, a}}, a, 2},
		{"one with itself", [][2]spot{{a, a}}, a, 1},
		{"another pair stays apart", [][2]spot{{a, b}, {c, d}}, c, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := newLinked()
			for _, j := range test.joins {
				l.join(j[0], j[1])
			}
			set := l.of[test.with]
			if len(set.members) != test.size || !l.has(test.with) {
				t.Errorf("%d members, want %d", len(set.members), test.size)
			}
			for _, s := range set.members {
				if l.of[s] != set {
					t.Errorf("%v is in another set", s)
				}
			}
		})
	}
}

func TestFieldsOfUniqueValues(t *testing.T) {
	r := newRun(nil, Options{Now: time.Now})
	kindOf := func(name string) uint8 {
		return uint8(slices.IndexFunc(r.kinds, func(k kind) bool { return k.name() == name }))
	}
	for _, test := range []struct{ name, kind, key, want string }{
		{"a username", "users", "username#ann", "username"},
		{"an e-mail address", "users", "email#a@b", "email"},
		{"the ghost", "users", "ghost", "user_type"},
		{"the path of a user's namespace is the username", "users", "root#ann", "username"},
		{"the path of a group", "namespaces", "root#acme", "path"},
		{"the path in a group", "projects", "ns#20", "path"},
		{"the owner of a personal namespace", "namespaces", "user#1", "owner_id"},
		{"a key", "keys", "fingerprint#x", "key"},
		{"a token", "agent_tokens", "token#x", "token"},
		{"the user of an identity", "scim_identities", "scim#20", "user_id"},
		{"anything else is the id", "users", "other#1", "id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := fieldOf(kindOf(test.kind), table.Key{PK: test.key}, r); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
