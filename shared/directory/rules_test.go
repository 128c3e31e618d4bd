package directory_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	storerecord "postern/shared/store/record"
	storetable "postern/shared/table"
)

// rules returns the rules of project 8, or of group 20, as JSON objects.
func (tab table) rules(ofGroup bool) []map[string]any {
	tab.t.Helper()
	record := storerecord.RulesRecord(&storerecord.Rules{ProjectID: pointer(8)})
	if ofGroup {
		record = storerecord.RulesRecord(&storerecord.Rules{NamespaceID: pointer(20)})
	}
	found, err := tab.Records(tab.t.Context(), []storetable.Key{record.Key()})
	if err != nil {
		tab.t.Fatalf("read: %v", err)
	}
	stored, ok := found[record.Key()].Value().(*storerecord.Rules)
	if !ok {
		tab.t.Fatal("there are no rules")
	}
	text, err := json.Marshal([]any{stored.Branches, stored.Tags})
	if err != nil {
		tab.t.Fatalf("encode: %v", err)
	}
	var lists [][]map[string]any
	if err := json.Unmarshal(text, &lists); err != nil {
		tab.t.Fatalf("decode: %v", err)
	}
	return append(lists[0], lists[1]...)
}

func TestRules(t *testing.T) {
	tab := opened(t, busy, `{"protected_branches": [{"project_id": 9, "name": "main", "allow_force_push": true},
		{"project_id": 9, "name": "new"}], "protected_tags": [{"project_id": 9, "name": "v*"}]}`)
	got := tab.get(storerecord.RulesRecord(&storerecord.Rules{ProjectID: pointer(9)}))
	for _, want := range []string{
		`"name":"a"`, `"name":"main","push_access_levels":[{"user_id":2}`, `"allow_force_push":true`, `"name":"new"`, `"name":"v*"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %s", want, got)
		}
	}
}

func TestRulesThatOutgrowOneItem(t *testing.T) {
	var rules strings.Builder
	for i := range 900 {
		if i > 0 {
			rules.WriteString(",")
		}
		rules.WriteString(`{"project_id": 9, "name": "` + strings.Repeat("x", 900) + strconv.Itoa(i) +
			`", "push_access_levels": [{"access_level": 40}]}`)
	}
	tab := opened(t, busy, `{"protected_branches": [`+rules.String()+`]}`)
	found, err := tab.Records(t.Context(), []storetable.Key{storerecord.RulesRecord(&storerecord.Rules{ProjectID: pointer(9)}).Key()})
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	for _, r := range found {
		if n := len(r.Value().(*storerecord.Rules).Branches); n != 902 {
			t.Errorf("%d rules are kept", n)
		}
	}
}
