package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/lookup"
)

func branchChange(name string) gitlab.Change {
	return gitlab.Change{Old: strings.Repeat("a", 40), New: strings.Repeat("b", 40), Ref: "refs/heads/" + name}
}

func realPush(actor gitlab.ActorRef, names ...string) lookup.PushQuery {
	q := lookup.PushQuery{Actor: actor, Repository: &gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}, Push: true}
	for _, name := range names {
		q.Refs = append(q.Refs, branchChange(name))
	}
	return q
}

func ruleNames(p gitlab.Protection) []string {
	var names []string
	for _, b := range p.Branches {
		names = append(names, b.Name)
	}
	for _, tag := range p.Tags {
		names = append(names, tag.Name)
	}
	return names
}

const protecting = `{"protected_branches":[
	{"project_id":7,"name":"main","push_access_levels":[{"access_level":40},{"group_id":30}]},
	{"namespace_id":20,"name":"top","push_access_levels":[{"access_level":40}]}],
	"protected_tags":[{"project_id":7,"name":"v*","create_access_levels":[{"access_level":40}]}]}`

func TestLoadPushContextReadsRules(t *testing.T) {
	w := newWorld(t, small)
	w.apply(protecting)
	tests := []struct {
		name  string
		query lookup.PushQuery
		want  []string
	}{
		{"of the project and the groups above", realPush(byKey(11), "main"), []string{"main", "top", "v*"}},
		{"by a deploy key", realPush(byKey(12), "main"), []string{"main", "top", "v*"}},
		{"nothing while no changes are known", lookup.PushQuery{Actor: byKey(11), Path: "acme/app", Push: true}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ruleNames(w.load(tt.query).Protection)
			if slices.Sort(got); !slices.Equal(got, tt.want) {
				t.Errorf("rules %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLoadPushContextReadsWhomRulesName(t *testing.T) {
	member := `{"members":[{"user_id":1,"namespace_id":30,"access_level":30}]}`
	tests := []struct {
		name, document string
		branch         string
		want           bool
	}{
		{"a member of the group", member, "main", true},
		{"nobody of the group", `{}`, "main", false},
		{"a member who has not accepted", strings.Replace(member, "}]", `,"awaiting":true}]`, 1), "main", false},
		{"a branch that the rule does not cover", member, "other", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			w.apply(protecting)
			w.apply(tt.document)
			got := w.load(realPush(byKey(11), tt.branch)).Protection.Groups
			if slices.Contains(got, 30) != tt.want {
				t.Errorf("groups %v", got)
			}
		})
	}
}

// Real changes cost one call when warm and two when cold, whatever the number of refs; rules that outgrow their item cost
// one more.
func TestRealPushBudget(t *testing.T) {
	w := newWorld(t, small)
	w.apply(protecting)
	many := make([]string, 5000)
	for i := range many {
		many[i] = fmt.Sprintf("feat-%d", i)
	}
	rows := []struct {
		name       string
		query      lookup.PushQuery
		cold, warm int
	}{
		{"one ref", realPush(byKey(11), "feat"), 2, 1},
		{"5,000 refs", realPush(byKey(11), many...), 2, 1},
		{"a rule that names a group", realPush(byKey(11), "main"), 4, 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w.forget()
			for i, most := range []int{row.cold, row.warm} {
				w.load(row.query)
				if w.count.calls > most {
					t.Errorf("request %d: %d calls, want at most %d", i+1, w.count.calls, most)
				}
			}
		})
	}
}

func TestRulesThatOutgrowTheirItem(t *testing.T) {
	const rulesOfTwoItems = 450 // of almost 1 KB each
	w := newWorld(t, small)
	var rules []string
	for i := range rulesOfTwoItems {
		rules = append(rules, fmt.Sprintf(`{"project_id":7,"name":"%s-%d","push_access_levels":[{"access_level":40}]}`, strings.Repeat("x", 900), i))
	}
	w.apply(`{"protected_branches":[` + strings.Join(rules, ",") + `]}`)
	if got := len(w.load(realPush(byKey(11), "feat")).Protection.Branches); got != rulesOfTwoItems {
		t.Errorf("%d rules", got)
	}
	w.load(realPush(byKey(11), "feat"))
	if w.count.calls > 2 {
		t.Errorf("%d calls when warm, want at most 2", w.count.calls)
	}
}

func TestLoadProtectedTips(t *testing.T) {
	w := newWorld(t, small)
	id := func(digit string) string { return strings.Repeat(digit, 40) }
	w.apply(fmt.Sprintf(`{"refs":[
		{"project_id":7,"ref":"refs/heads/main","target":%q},{"project_id":7,"ref":"refs/heads/rel-1","target":%q},
		{"project_id":7,"ref":"refs/heads/rel-2","target":%q},{"project_id":7,"ref":"refs/heads/feat","target":%q},
		{"project_id":7,"ref":"refs/tags/rel-3","target":%q}]}`, id("1"), id("2"), id("1"), id("4"), id("5")))
	rules := []gitlab.ProtectedBranch{{Name: "main"}, {Name: "main"}, {Name: "gone"}, {Name: "rel-*"}, {Name: "r*2"}}
	got, err := w.reader.LoadProtectedTips(t.Context(), 7, rules)
	if slices.Sort(got); err != nil || !slices.Equal(got, []string{id("1"), id("2")}) {
		t.Errorf("got %q, %v", got, err)
	}
}
