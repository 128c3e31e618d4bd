package gitaly_test

import (
	"testing"

	"pgregory.net/rapid"

	"postern/local/gitaly/gitalytest"
)

// history is a model of commits: for each, its ancestors among the earlier ones.
type history struct {
	ids       []string
	ancestors []map[int]bool
}

// grow adds a commit with parents.
func (h *history) grow(id string, parents []int) {
	above := map[int]bool{len(h.ids): true}
	for _, parent := range parents {
		for ancestor := range h.ancestors[parent] {
			above[ancestor] = true
		}
	}
	h.ids = append(h.ids, id)
	h.ancestors = append(h.ancestors, above)
}

// The server and the model agree on any two commits of any history, also with a part in quarantine.
func TestAnswersMatchTheModel(t *testing.T) {
	r, client := serve(t, gitalytest.SHA1)
	rapid.Check(t, func(rt *rapid.T) {
		var h history
		for range rapid.IntRange(2, 8).Draw(rt, "commits") {
			var parents []int
			if len(h.ids) > 0 {
				parents = rapid.SliceOfNDistinct(rapid.IntRange(0, len(h.ids)-1), 0, min(3, len(h.ids)), rapid.ID).Draw(rt, "parents")
			}
			h.grow(r.Commit(t, h.named(parents)...), parents)
		}
		incoming := rapid.SliceOfNDistinct(rapid.IntRange(0, len(h.ids)-1), 0, 2, rapid.ID).Draw(rt, "pushed onto")
		quarantine := r.Quarantine(t, h.named(incoming)...)
		h.grow(quarantine.Commit, incoming)
		for range 6 {
			ancestor := rapid.IntRange(0, len(h.ids)-1).Draw(rt, "ancestor")
			child := rapid.IntRange(0, len(h.ids)-1).Draw(rt, "child")
			want := answer{value: h.ancestors[child][ancestor]}
			if got := ask(t, client, quarantined(quarantine), h.ids[ancestor], h.ids[child]); got != want {
				rt.Fatalf("answer %+v, want %+v", got, want)
			}
		}
	})
}

func (h *history) named(commits []int) []string {
	ids := make([]string, len(commits))
	for i, commit := range commits {
		ids[i] = h.ids[commit]
	}
	return ids
}
