package access

import (
	"fmt"
	"testing"
)

// Gitaly is asked where the answer may depend on it, once for all changes, and not beyond a change that is refused anyway.
func TestWhatGitalyIsAsked(t *testing.T) {
	ab := Descent{object("A"), object("B")}
	tests := []struct {
		name  string
		given []with
		want  Ask
	}{
		{"update of a protected branch", given(mia, changes("A B refs/heads/main")), Ask{Descents: []Descent{ab}}},
		{"by somebody who may not push there", given(dan, changes("A B refs/heads/main")), Ask{Descents: []Descent{ab}}},
		{"several at once", given(mia, changes("A B refs/heads/main A C refs/heads/rel-1 A B refs/heads/feat")), Ask{
			Descents: []Descent{ab, {object("A"), object("C")}},
		}},
		{"up to a refusal", given(mia, changes("A B refs/heads/main A B refs/tags/v1 A C refs/heads/rel-1")), Ask{Descents: []Descent{ab}}},
		{"a rule allows force", given(mia, changes("A C refs/heads/dev")), Ask{}},
		{"unprotected", given(mia, changes("A C refs/heads/feat")), Ask{}},
		{"created", given(mia, changes("Z A refs/heads/main")), Ask{}},
		{"refused before", given(rita, changes("A B refs/heads/main")), Ask{}},
		{"basis of a new protected branch", given(mia, changes("Z B refs/heads/rel-2")), Ask{Tips: true}},
		{"basis among the tips", given(mia, changes("Z B refs/heads/rel-2"), tips("A", "C")), Ask{Descents: []Descent{
			{object("B"), object("A")}, {object("B"), object("C")},
		}}},
		{"basis is a tip", given(mia, changes("Z B refs/heads/rel-2"), tips("A", "B")), Ask{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Check(ask(append(given(push, rules), tt.given...)...))
			explained(t, &d, append(given(push, rules), tt.given...))
			if fmt.Sprint(d.Ask) != fmt.Sprint(tt.want) || (d.Outcome == AskHistory) == tt.want.Nothing() {
				t.Errorf("%s asks %v, want %v", d.Outcome, d.Ask, tt.want)
			}
		})
	}
}
