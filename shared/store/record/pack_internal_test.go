package record

import (
	"fmt"
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

func TestPackable(t *testing.T) {
	user := func(n gitlab.ID) []Change {
		return []Change{{New: UserRecord(&gitlab.User{ID: n, Username: fmt.Sprint("u", n), Email: fmt.Sprint("e", n)})}}
	}
	member := func(n gitlab.ID) []Change {
		return []Change{{New: MemberRecord(&gitlab.Member{UserID: n, ProjectID: id(7)})}}
	}
	var many [][]Change
	for n := range gitlab.ID(100) {
		many = append(many, user(n+1))
	}
	big := []Change{{New: SecurityPolicyRecord(&gitlab.SecurityPolicy{
		ProjectID: id(7), Name: "big", YAML: strings.Repeat("x", packedBytes),
	})}}
	tests := []struct {
		name string
		sets [][]Change
		want int
	}{
		{"as many as fit", many, packedItems / 4},
		{"one that is large", [][]Change{big, big}, 1},
		{"two that write the same item", [][]Change{user(1), user(1)}, 1},
		{"those that check the same record", [][]Change{member(1), member(2), member(3)}, 3},
		{"not a record and what refers to it", [][]Change{user(1), member(1)}, 1},
		{"one that cannot be written at all", [][]Change{append(user(1), user(1)...)}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := packable(test.sets); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestDivided(t *testing.T) {
	grants := func(n int) *Rules {
		rules := &Rules{ProjectID: id(7), Tags: []gitlab.ProtectedTag{{ProjectID: 7, Name: "v"}}}
		for i := range n {
			rules.Tags[0].CreateAccessLevels = append(rules.Tags[0].CreateAccessLevels, gitlab.Grantee{UserID: id(gitlab.ID(i + 1))})
		}
		return rules
	}
	if got := divided(Change{New: RulesRecord(grants(10))}.operations()); len(got) != 1 {
		t.Errorf("what fits one transaction is divided into %d", len(got))
	}
	many := Change{New: RulesRecord(grants(400))}
	all := divided(many.operations())
	if last := all[len(all)-1]; len(last) != 1 || last[0].key != layout.RulesKey("project#7", 0) {
		t.Errorf("the rules come with %s", shown(last))
	}
	lies := map[string]int{} // in which transaction what concerns a user is
	for i, transaction := range all {
		if len(transaction) > table.TransactionItems {
			t.Errorf("transaction %d has %d items", i, len(transaction))
		}
		for _, op := range transaction {
			if was, ok := lies[op.key.PK]; ok && was != i && op.key.PK != "project#7" {
				t.Errorf("%s is written in two transactions", op.key.PK)
			}
			lies[op.key.PK] = i
		}
	}
	dropped := divided(Change{Old: read(RulesRecord(grants(400)), 1), New: RulesRecord(grants(0))}.operations())
	if len(dropped[0]) != 1 || dropped[0][0].verb != update {
		t.Errorf("back references are dropped before the rules are written: %s", shown(dropped[0]))
	}
}
