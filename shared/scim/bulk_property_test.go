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

// node is an operation of the model: its references, and whether it succeeds once they are resolved.
type node struct {
	refs     []string
	succeeds bool
}

// outcomes returns the expected status of each operation: 201 or 409 for one with resolved references, 400 for a lost
// reference, 409 for a cycle.
func outcomes(nodes map[string]node) map[string]string {
	ended := map[string]string{}
	for changed := true; changed; {
		changed = false
		for name, n := range nodes {
			ready := !slices.ContainsFunc(n.refs, func(ref string) bool { return ended[ref] != "201" })
			if ended[name] == "" && ready {
				ended[name], changed = map[bool]string{true: "201", false: "409"}[n.succeeds], true
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for name, n := range nodes {
			lost := slices.ContainsFunc(n.refs, func(ref string) bool {
				_, exists := nodes[ref]
				return !exists || ended[ref] != "" && ended[ref] != "201"
			})
			if ended[name] == "" && lost {
				ended[name], changed = "400", true
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

// Each operation runs at most once, after the operations that it refers to and with their ids. The response has one result
// per operation in the order of the request.
func TestBulkResolvesAllReferences(t *testing.T) {
	const names = "abcdef"
	rapid.Check(t, func(t *rapid.T) {
		nodes := map[string]node{}
		var operations []string
		for _, name := range rapid.Permutation(strings.Split(names, "")).Draw(t, "order") {
			refs := rapid.SliceOfNDistinct(rapid.SampledFrom(strings.Split(names+"x", "")), 0, 2, rapid.ID).Draw(t, "refs")
			nodes[name] = node{refs, rapid.IntRange(0, 5).Draw(t, "bad") > 0}
			operations = append(operations, createGroup(name, refs...))
		}
		b, err := scim.ReadBulk(map[string]any{"Operations": parsed(t, operations)})
		if err != nil {
			t.Fatal(err)
		}
		done := map[string]bool{}
		response := b.Run(func(o scim.BulkOperation) scim.BulkResult {
			if done[o.BulkID] {
				t.Fatalf("%s ran twice", o.BulkID)
			}
			var ids []string
			for _, ref := range nodes[o.BulkID].refs {
				if !done[ref] || !nodes[ref].succeeds {
					t.Fatalf("%s ran before %s", o.BulkID, ref)
				}
				ids = append(ids, "map[value:id-"+ref+"]")
			}
			if got := fmt.Sprint(o.Data["members"]); got != "["+strings.Join(ids, " ")+"]" {
				t.Fatalf("%s refers to %s, want %s", o.BulkID, got, ids)
			}
			if done[o.BulkID] = true; !nodes[o.BulkID].succeeds {
				return scim.BulkResult{Status: 409, Body: "rejected"}
			}
			return scim.BulkResult{Status: 201, ID: "id-" + o.BulkID}
		})
		want := outcomes(nodes)
		for i, result := range response["Operations"].([]map[string]any) {
			if name := b.Operations[i].BulkID; result["bulkId"] != name || result["status"] != want[name] {
				t.Fatalf("%v: %v, want %s %s", operations, result, name, want[name])
			}
		}
		if n := len(response["Operations"].([]map[string]any)); n != len(operations) {
			t.Fatalf("%d results for %d operations", n, len(operations))
		}
	})
}

// parsed decodes operations.
func parsed(t *rapid.T, operations []string) []any {
	var entries []any
	if err := json.Unmarshal([]byte("["+strings.Join(operations, ",")+"]"), &entries); err != nil {
		t.Fatal(err)
	}
	return entries
}
