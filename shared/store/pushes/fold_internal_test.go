package pushes

import (
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"postern/shared/table"
)

func TestFold(t *testing.T) {
	rows := []struct {
		name string
		told [][2]string
		want history
	}{
		{"nothing", nil, history{}},
		{"a creation", [][2]string{{"", "a"}}, history{Base: "a"}},
		{"steps in order", [][2]string{{"", "a"}, {"a", "b"}}, history{Base: "b"}},
		{"steps in the other order", [][2]string{{"a", "b"}, {"", "a"}}, history{Base: "b"}},
		{"a step whose beginning is missing counts already", [][2]string{{"a", "b"}}, history{Pending: []transition{{"a", "b"}}}},
		{"a gap in the middle", [][2]string{{"", "a"}, {"b", "c"}}, history{Base: "a", Pending: []transition{{"b", "c"}}}},
		{"a gap that is filled", [][2]string{{"", "a"}, {"b", "c"}, {"a", "b"}}, history{Base: "c"}},
		{"stretches that connect are one", [][2]string{{"a", "b"}, {"b", "c"}}, history{Pending: []transition{{"a", "c"}}}},
		{"a deletion before its creation is told", [][2]string{{"a", ""}, {"", "a"}}, history{}},
		{"a way in a circle leads nowhere", [][2]string{{"a", "b"}, {"b", "a"}}, history{}},
		{"a step that stays", [][2]string{{"", "a"}, {"a", "a"}}, history{Base: "a"}},
		{"a place that is met twice", [][2]string{{"", "a"}, {"a", "c"}, {"a", "b"}, {"b", "a"}}, history{Base: "c"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var h history
			for _, step := range row.told {
				h = fold(h, transition{step[0], step[1]})
			}
			if !reflect.DeepEqual(h, row.want) {
				t.Errorf("%+v, want %+v", h, row.want)
			}
		})
	}
}

// Whatever way a ref takes, through deletions and back to where it was before, and in whatever order that is told: at the
// end the ref is known to be where it is, and nothing is left open.
func TestFoldEndsWhereTheWayEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "c", "d"}), 1, 30).Draw(t, "places")
		at, steps := "", []transition{}
		for _, next := range places {
			if next != at {
				steps = append(steps, transition{at, next})
				at = next
			}
		}
		var h history
		for _, step := range rapid.Permutation(steps).Draw(t, "order") {
			before := slices.Clone(h.Pending)
			was := slices.Clone(before)
			h = fold(h, step)
			if !slices.Equal(before, was) {
				t.Fatal("fold changes what it was given")
			}
		}
		if !reflect.DeepEqual(h, history{Base: at}) {
			t.Fatalf("%+v, want %q", h, at)
		}
	})
}

func TestFoldKeepsABoundedHistory(t *testing.T) {
	h := history{Base: "base"}
	for i := range 3*mostPending + 1 {
		last := "new" + strconv.Itoa(i)
		if h = fold(h, transition{"old" + strconv.Itoa(i), last}); len(h.Pending) > mostPending || h.end() != last {
			t.Fatalf("after %d stretches %d are kept, the end is %s", i+1, len(h.Pending), h.end())
		}
	}
}

func TestHistoryOf(t *testing.T) {
	pending := table.List([]types.AttributeValue{
		table.Map(table.Item{"old": table.String("b"), "new": table.String("c")}),
	})
	zeros := table.String("0000000000000000000000000000000000000000")
	rows := []struct {
		name string
		item table.Item
		want history
	}{
		{"no item", nil, history{}},
		{"a document's item", table.Item{"target": table.String("a")}, history{Base: "a"}},
		{"an item that pushes wrote", table.Item{"target": table.String("c"), "base": table.String("a"), "pending": pending}, history{Base: "a", Pending: []transition{{"b", "c"}}}},
		{"one that a document has written since", table.Item{"target": table.String("d"), "base": table.String("a"), "pending": pending}, history{Base: "d"}},
		{"a ref that is gone", table.Item{"target": zeros, "base": table.String("")}, history{}},
		{"one that a document says is gone", table.Item{"target": zeros, "base": table.String("a")}, history{}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := historyOf(row.item)
			if err != nil || !reflect.DeepEqual(got, row.want) {
				t.Errorf("%+v, %v; want %+v", got, err, row.want)
			}
		})
	}
}
