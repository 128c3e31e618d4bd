package access

import "postern/shared/gitlab"

// fills reports whether a change may be the first branch of the repository. An old id is evidence against the stored
// empty_repo, which lags behind until the first push is processed. It counts for its own change only: a client may invent it.
func (q *question) fills(c *change) bool { return q.Container.Project.EmptyRepo && gitlab.Blank(c.Old) }

// pendingRule returns the rule that the first push brings and that is not stored yet, or nil. It applies to the default branch
// while the push that filled the repository waits for its processing. Only Gitaly knows the branch then.
func (q *question) pendingRule(c *change) *gitlab.ProtectedBranch {
	if q.kinds != projects || !q.Container.Project.EmptyRepo || q.fills(c) {
		return nil
	}
	first := q.firstBranch()
	if first.Unprotected {
		return nil
	}
	if !q.History.DefaultBranchKnown {
		q.ask.DefaultBranch = true
		return nil
	}
	if c.name != q.History.DefaultBranch {
		return nil
	}
	rule := first.Rule(q.Container.Project.ID, c.name)
	return &rule
}

// defaultBranch returns the default branch: as Gitaly names it where that had to be asked, else as stored.
func (q *question) defaultBranch() string {
	if q.History.DefaultBranchKnown && q.History.DefaultBranch != "" {
		return q.History.DefaultBranch
	}
	return q.Container.Project.DefaultBranch
}
