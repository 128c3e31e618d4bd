package record

import (
	"maps"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
)

func TestTalliesOfChanges(t *testing.T) {
	exclusion := func(id gitlab.ID, reason string) *Record {
		return StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{ID: id, NamespaceID: 20, Reason: reason})
	}
	rows := []struct {
		name   string
		change Change
		want   map[string]int64
	}{
		{"a new one is counted in its block", Change{New: exclusion(1, "a")}, map[string]int64{"block0": 1}},
		{"the last of a block", Change{New: exclusion(100, "a")}, map[string]int64{"block0": 1}},
		{"the first of the next", Change{New: exclusion(101, "a")}, map[string]int64{"block1": 1}},
		{"one that goes", Change{Old: exclusion(101, "a")}, map[string]int64{"block1": -1}},
		{"one that changes", Change{Old: exclusion(1, "a"), New: exclusion(1, "b")}, nil},
		{"one that has no id", Change{New: exclusion(0, "a")}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var got map[string]int64
			for _, op := range row.change.operations() {
				if op.add != nil {
					got = op.add
				}
			}
			if !maps.Equal(got, row.want) {
				t.Errorf("adds %v, want %v", got, row.want)
			}
		})
	}
}

// What several changes of a transaction count in one item is one operation, as DynamoDB takes only one for each item.
func TestTalliesOfATransactionAreAddedUp(t *testing.T) {
	one := func(id, ns gitlab.ID) *Record {
		return StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{ID: id, NamespaceID: ns})
	}
	changes := []Change{{New: one(1, 20)}, {New: one(2, 21)}, {New: one(150, 22)}, {Old: one(160, 23)}}
	ops, err := merged(changes)
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]int64
	for _, op := range ops {
		if op.key == layout.ExclusionCountsKey() {
			all = append(all, op.add)
		}
	}
	if len(all) != 1 || !maps.Equal(all[0], map[string]int64{"block0": 2, "block1": 0}) {
		t.Errorf("added %v", all)
	}
	sets := make([][]Change, len(changes))
	for i, c := range changes {
		sets[i] = []Change{c}
	}
	if got := packable(sets); got != len(changes) {
		t.Errorf("%d of %d fit one transaction", got, len(changes))
	}
}
