package access

import "slices"

// Descent asks whether one commit is an ancestor of another, or the same (gitaly.CommitService/CommitIsAncestor).
type Descent struct{ Ancestor, Descendant string }

// History is what is known of a repository's commits.
type History struct {
	Descents map[Descent]bool // what Gitaly said
	// Tips are the commits that the project's protected branches point to, once TipsKnown.
	Tips      []string
	TipsKnown bool
	// DefaultBranch is the default branch as Gitaly names it, "" for a repository without branches, once DefaultBranchKnown.
	DefaultBranch      string
	DefaultBranchKnown bool
}

// Ask is what has to be found out before a push can be decided.
type Ask struct {
	Descents      []Descent
	Tips          bool // History.Tips
	DefaultBranch bool // History.DefaultBranch
}

// Nothing reports whether nothing has to be found out.
func (a *Ask) Nothing() bool { return len(a.Descents) == 0 && !a.Tips && !a.DefaultBranch }

// descends returns whether a commit is an ancestor of another. While that is not known it is asked for.
func (q *question) descends(d Descent) (yes, known bool) {
	if d.Ancestor == d.Descendant {
		return true, true
	}
	if yes, known = q.History.Descents[d]; !known {
		q.ask.Descents = append(q.ask.Descents, d)
	}
	return yes, known
}

// inProtectedBranch returns whether a commit is contained in a protected branch.
func (q *question) inProtectedBranch(commit string) (yes, known bool) {
	if !q.History.TipsKnown {
		q.ask.Tips = true
		return false, false
	}
	if slices.Contains(q.History.Tips, commit) {
		return true, true
	}
	known = true
	for _, tip := range q.History.Tips {
		descends, tipKnown := q.descends(Descent{Ancestor: commit, Descendant: tip})
		yes, known = yes || descends, known && tipKnown
	}
	return yes, known || yes
}
