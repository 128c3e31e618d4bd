package lookup

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/table"
)

func TestCutSnippet(t *testing.T) {
	rows := []struct {
		name, path string
		base       string
		id         gitlab.ID
		ok         bool
	}{
		{"a personal one", "snippets/31", "", 31, true},
		{"a project's", "acme/app/snippets/31", "acme/app", 31, true},
		{"an id that is no number", "snippets/x", "", 0, true},
		{"an id that is zero", "snippets/0", "", 0, true},
		{"an id with a sign", "acme/app/snippets/-1", "acme/app", 0, true},
		{"an id that is too large", "snippets/99999999999999999999", "", 0, true},
		{"no id", "acme/app/snippets/", "acme/app", 0, true},
		{"a project", "acme/app", "acme", 0, false},
		{"a project that is called like snippets", "acme/snippets", "acme", 0, false},
		{"a group that only ends so", "acme/mysnippets/31", "acme/mysnippets", 31, false},
		{"one segment", "snippets", "", 0, false},
		{"nothing", "", "", 0, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			base, id, ok := cutSnippet(row.path)
			if base != row.base || id != row.id || ok != row.ok {
				t.Errorf("got %q, %d, %t", base, id, ok)
			}
		})
	}
}

func TestChainBelow(t *testing.T) {
	rows := []struct {
		name  string
		chain []gitlab.ID // of the index item
		ns    *Target
		want  []gitlab.ID
	}{
		{"nothing was renamed", []gitlab.ID{20, 21}, nil, []gitlab.ID{20, 21}},
		{"the lowest has moved", []gitlab.ID{20, 21}, &Target{ID: 21, Chain: []int64{30}}, []gitlab.ID{30, 21}},
		{"the top has moved below another", []gitlab.ID{20, 21}, &Target{ID: 20, Chain: []int64{30}}, []gitlab.ID{30, 20, 21}},
		{"one between has moved to the top", []gitlab.ID{20, 21, 22}, &Target{ID: 21}, []gitlab.ID{21, 22}},
		{"the top was renamed only", []gitlab.ID{20, 21}, &Target{ID: 20}, []gitlab.ID{20, 21}},
		{"an item that does not name it", []gitlab.ID{5}, &Target{ID: 20}, []gitlab.ID{20, 5}},
		{"no chain", nil, &Target{ID: 20, Chain: []int64{30}}, []gitlab.ID{30, 20}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := (&Target{Chain: row.chain}).chainBelow(row.ns); !slices.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestChainHint(t *testing.T) {
	rows := []struct {
		name string
		item table.Item
		want []int64
	}{
		{"a chain", table.Item{"chain": table.Numbers([]int64{20, 21})}, []int64{20, 21}},
		{"an empty one", table.Item{"chain": table.Numbers(nil)}, []int64{}},
		{"none", table.Item{}, nil},
		{"no item", nil, nil},
		{"no list", table.Item{"chain": table.Number(20)}, nil},
		{"a list of something else", table.Item{"chain": table.List([]types.AttributeValue{table.String("x")})}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := ChainHint(row.item); !slices.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}
