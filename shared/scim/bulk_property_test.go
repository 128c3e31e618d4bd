package scim_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/scim"
)

// node is an operation of a model: what it refers to, and whether it can be done once that is there.
type node struct {
	refs []string
	good bool
}

// ends tells how each operation ends: one is made when all that it refers to can be made and it is good itself; of the others,
// those that can wait for nothing any more are lost, and the rest wait for each other.
func ends(nodes map[string]node) map[string]string {
	ended := map[string]string{}
	for grew := true; grew; {
		grew = false
		for name, n := range nodes {
			ready := !slices.ContainsFunc(n.refs, func(ref string) bool { return ended[ref] != "201" })
			if ended[name] == "" && ready {
				ended[name], grew = map[bool]string{true: "201", false: "409"}[n.good], true
			}
		}
	}
	for grew := true; grew; {
		grew = false
		for name, n := range nodes {
			lost := slices.ContainsFunc(n.refs, func(ref string) bool {
				_, there := nodes[ref]
				return !there || ended[ref] != "" && ended[ref] != "201"
			})
			if ended[name] == "" && lost {
				ended[name], grew = "400", true
			}
		}
	}
	for name := range nodes {
		if ended[name] == "" {
			ended[name] = "409"
		}
	}
	return ended
}

// Whatever operations refer to, each is done at most once, behind all that it refers to and with their ids; and each is answered,
// in the order of the request.
func TestBulkFollowsItsReferences(t *testing.T) {
	const names = "abcdef"
	rapid.Check(t, func(t *rapid.T) {
		nodes := map[string]node{}
		var operations []string
		for _, name := range rapid.Permutation(strings.Split(names, "")).Draw(t, "order") {
			refs := rapid.SliceOfNDistinct(rapid.SampledFrom(strings.Split(names+"x", "")), 0, 2, rapid.ID).Draw(t, "refs")
			nodes[name] = node{refs, rapid.IntRange(0, 5).Draw(t, "bad") > 0}
			operations = append(operations, made(name, refs...))
		}
		b, err := scim.ReadBulk(map[string]any{"Operations": parsed(t, operations)})
		if err != nil {
			t.Fatal(err)
		}
		done := map[string]bool{}
		response := b.Run(func(o scim.BulkOperation) scim.BulkResult {
			if done[o.BulkID] {
				t.Fatalf("%s is done twice", o.BulkID)
			}
			var ids []string
			for _, ref := range nodes[o.BulkID].refs {
				if !done[ref] || !nodes[ref].good {
					t.Fatalf("%s is done before %s", o.BulkID, ref)
				}
				ids = append(ids, "map[value:id-"+ref+"]")
			}
			if got := fmt.Sprint(o.Data["members"]); got != "["+strings.Join(ids, " ")+"]" {
				t.Fatalf("%s refers to %s, want %s", o.BulkID, got, ids)
			}
			if done[o.BulkID] = true; !nodes[o.BulkID].good {
				return scim.BulkResult{Status: 409, Body: "refused"}
			}
			return scim.BulkResult{Status: 201, ID: "id-" + o.BulkID}
		})
		want := ends(nodes)
		for i, result := range response["Operations"].([]map[string]any) {
			if name := b.Operations[i].BulkID; result["bulkId"] != name || result["status"] != want[name] {
				t.Fatalf("%v: %v, want %s %s", operations, result, name, want[name])
			}
		}
		if n := len(response["Operations"].([]map[string]any)); n != len(operations) {
			t.Fatalf("%d answers to %d operations", n, len(operations))
		}
	})
}

// parsed are operations as a body has them.
func parsed(t *rapid.T, operations []string) []any {
	var entries []any
	if err := json.Unmarshal([]byte("["+strings.Join(operations, ",")+"]"), &entries); err != nil {
		t.Fatal(err)
	}
	return entries
}
