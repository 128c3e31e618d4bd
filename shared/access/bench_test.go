package access

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"postern/shared/gitlab"
)

func BenchmarkCheck(b *testing.B) {
	clock := func(r *Request) { r.Clock = time.Now }
	benchmarks := []struct {
		name  string
		given []with
	}{
		{"fetch", nil},
		{"push", given(push)},
		{"push, timed", given(push, clock)},
		{"stranger, refused", given(stranger)},
		{"wiki", given(wiki)},
		{"snippet", given(snippet(ofDan))},
		{"deploy key", given(deployKey(pushLink), push)},
		{"address list", given(ranges("192.0.2.0/24"), from("192.0.2.1"))},
		{"confined", given(confinedTo("acme"))},
		{"creates a project", given(push, missing("dan/fresh", personal(13, "dan")))},
	}
	for _, bm := range benchmarks {
		b.Run(bm.name, func(b *testing.B) {
			r := ask(bm.given...)
			b.ReportAllocs()
			for b.Loop() {
				Check(r)
			}
		})
	}
}

// BenchmarkCheckChanges checks changes of unprotected branches under twenty rules with wildcards, none of which covers them.
func BenchmarkCheckChanges(b *testing.B) {
	var wildcards []gitlab.ProtectedBranch
	for i := range 10 {
		wildcards = append(wildcards,
			branchRule(fmt.Sprintf("release-%d-*", i), gitlab.Maintainer, gitlab.Maintainer),
			branchRule(fmt.Sprintf("*/stable-%d/*", i), gitlab.Maintainer, gitlab.Maintainer))
	}
	for _, n := range []int{1, 100, 5000} {
		b.Run(fmt.Sprintf("%d refs", n), func(b *testing.B) {
			var lines strings.Builder
			for i := range n {
				fmt.Fprintf(&lines, "A B refs/heads/team/feature-%d\n", i)
			}
			r := ask(push, mia, protectedBy(wildcards...), changes(lines.String()), func(r *Request) { r.Clock = time.Now })
			if d := Check(r); d.Outcome != Allowed || len(r.Refs) != n {
				b.Fatalf("%d refs %s", len(r.Refs), d.Outcome)
			}
			b.ReportAllocs()
			for b.Loop() {
				Check(r)
			}
		})
	}
}

func BenchmarkTrailLogValue(b *testing.B) {
	trail := Check(ask(push)).Trail
	b.ReportAllocs()
	for b.Loop() {
		trail.LogValue()
	}
}

// A decision is made for every fetch and push, so it may cost only what it must: the question, the trail.
func TestADecisionAllocatesLittle(t *testing.T) {
	for name, r := range map[string]*Request{
		"fetch": ask(), "push": ask(push), "deploy key": ask(push, deployKey(pushLink)), "wiki": ask(wiki),
		"refused": ask(level(gitlab.Guest)),
	} {
		if allocs := testing.AllocsPerRun(100, func() { Check(r) }); allocs > 2 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}
