package access

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/gitlab"
)

// drawPush returns a push of known changes to acme/app under the rules of the behavior cases and some more.
func drawPush(t *rapid.T) *Request {
	r := ask(push, rules)
	drawActor(t, r)
	some(t, "who", func(*Request) {}, mia, mia, writes)(r) // some of whom get further than most
	changes(strings.Join(rapid.SliceOfN(rapid.Custom(drawLine), 1, 6).Draw(t, "changes"), " "))(r)
	protectedBy(rapid.SliceOfN(rapid.Custom(drawRule), 0, 3).Draw(t, "rules")...)(r)
	r.Protocol = some(t, "protocol", "ssh", "http", "web")
	r.Container.Project.EmptyRepo = rarely(t, "empty")
	if rarely(t, "collaborating") {
		r.Collaborations = []string{"feat"}
	}
	if rarely(t, "merging") {
		r.Container.Project.Merging = map[string]string{"7:4": object("B") + " main"}
	}
	return r
}

// drawLine returns a line of the hook, for a ref that may be protected or badly named.
func drawLine(t *rapid.T) string {
	ref := some(t, "ref",
		"heads/main", "heads/rel-1", "heads/rel-2", "heads/dev", "heads/feat", "heads/-x", "heads/"+object("A"),
		"tags/v1", "tags/t1", "tags/main", "notes/commits",
	)
	return some(t, "objects", "A B", "A C", "B A", "Z A", "Z B", "Z C", "A Z") + " refs/" + ref
}

func drawRule(t *rapid.T) gitlab.ProtectedBranch {
	levels := []gitlab.AccessLevel{gitlab.NoAccess, gitlab.Developer, gitlab.Maintainer, gitlab.Admin}
	rule := branchRule(
		some(t, "name", "*", "main", "rel-*", "*-2", "feat", "d*v"), some(t, "push", levels...), some(t, "merge", levels...),
	)
	rule.AllowForcePush = rapid.Bool().Draw(t, "allow force")
	return rule
}

// settle answers what a decision asks for, as often as the family does, from a repository in which B descends from A and
// C does not.
func settle(t *rapid.T, r Request, tips []string) Decision {
	d := Check(&r)
	for range 4 {
		if d.Outcome != AskHistory {
			return d
		}
		if d.Ask.DefaultBranch {
			r.History.DefaultBranch, r.History.DefaultBranchKnown = "main", true
		}
		if d.Ask.Tips {
			r.History.Tips, r.History.TipsKnown = tips, true
		}
		known := map[Descent]bool{}
		for asked, answer := range r.History.Descents {
			known[asked] = answer
		}
		for _, asked := range d.Ask.Descents {
			known[asked] = asked == Descent{object("A"), object("B")}
		}
		r.History.Descents = known
		d = Check(&r)
	}
	if d.Outcome == AskHistory {
		t.Fatalf("still asks for %+v", d.Ask)
	}
	return d
}

func drawTips(t *rapid.T) []string {
	return some(t, "tips", nil, []string{object("A")}, []string{object("B")}, []string{object("C"), object("B")})
}

// A push of several refs is decided like a push of the first one that is refused, or else like that of any.
func TestTheFirstRefusedRefDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, tips := drawPush(t), drawTips(t)
		together := settle(t, *r, tips)
		var alone Decision
		for _, ref := range r.Refs {
			one := *r
			one.Refs = []gitlab.Change{ref}
			if alone = settle(t, one, tips); alone.Outcome != Allowed {
				break
			}
		}
		if together.Outcome != alone.Outcome || together.Status != alone.Status || together.Message != alone.Message ||
			together.Failed != alone.Failed {
			t.Fatalf("together: %d %s %q\nalone: %d %s %q",
				together.Status, together.Failed, together.Message, alone.Status, alone.Failed, alone.Message)
		}
	})
}

// A rule that allows force takes nothing from what was allowed before, and where it covers every branch, nothing is refused
// for force.
func TestARuleThatAllowsForceRefusesNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, tips := drawPush(t), drawTips(t)
		before := settle(t, *r, tips)
		rule := drawRule(t)
		rule.AllowForcePush = true
		protectedBy(rule)(r)
		after := settle(t, *r, tips)
		if after.Failed == "force_push" && (before.Outcome == Allowed || rule.Name == "*") {
			t.Fatalf("before: %d %s, refused for force after the rule %q", before.Status, before.Failed, rule.Name)
		}
	})
}
