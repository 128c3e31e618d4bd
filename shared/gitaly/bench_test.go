package gitaly_test

import (
	"strconv"
	"testing"

	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
)

// BenchmarkAncestors measures the client over a warm connection: with a server that answers at once, and with one that
// asks git.
func BenchmarkAncestors(b *testing.B) {
	r, server := serve(b, gitalytest.SHA1)
	pushed := make([]gitaly.Pair, 100)
	for i := range pushed {
		pushed[i] = gitaly.Pair{Ancestor: r.A, Child: r.Commit(b, r.B)}
	}
	cases := []struct {
		name    string
		storage gitlab.Storage
		pairs   []gitaly.Pair
	}{
		{"at once", (&scripted{answer: yes}).start(b, listen(b)), differing(100)},
		{"from git", server.Storage(), pushed},
	}
	client := newClient(b, gitaly.Options{})
	for _, c := range cases {
		for _, n := range []int{1, 100} {
			b.Run(c.name+"/"+strconv.Itoa(n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := client.Ancestors(b.Context(), c.storage, r.Name(), c.pairs[:n]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
