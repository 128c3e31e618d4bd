package access

import (
	"fmt"

	"postern/shared/gitlab"
)

// keepsDefaultBranch rejects the deletion of the default branch for every actor.
func keepsDefaultBranch(q *question, c *change) verdict {
	return unless(!c.Deletes() || c.name != q.defaultBranch(), denied(textDefaultBranch))
}

// branchNamed refuses names that could be taken for something else, but lets them be deleted.
func branchNamed(_ *question, c *change) verdict {
	switch {
	case c.Deletes():
		return verdict{}
	case gitlab.LikeObjectID(c.name):
		return denied(textBranchLikeID)
	}
	return unless(gitlab.ValidRefName(c.name), denied(textBranchName))
}

// firstBranch returns the protection of the first default branch in the project's namespace.
func (q *question) firstBranch() gitlab.FirstBranch {
	return gitlab.FirstBranchOf(&q.Instance, q.chain().Parent())
}

// protected reports whether a rule covers the branch, or the protection of first branches does.
func (q *question) protected(c *change) bool {
	if len(c.rules) > 0 || !q.fills(c) {
		return len(c.rules) > 0
	}
	first := q.firstBranch()
	return first.ProtectsEmpty()
}

// notForced refuses updates of protected branches that lose commits, unless a rule allows it. Whether they do is asked of
// Gitaly, whoever pushes: what is refused for another reason is still refused with this text.
func notForced(q *question, c *change) verdict {
	if !c.Updates() || len(c.rules) == 0 || c.rules.allowForcePush() {
		return verdict{}
	}
	forward, known := q.descends(Descent{Ancestor: c.Old, Descendant: c.New})
	return unless(forward || !known, denied(textForcePush))
}

// protectedBranch asks for the right to do to a protected branch what the change does.
func protectedBranch(q *question, c *change) verdict {
	switch {
	case !q.protected(c):
		return verdict{}
	case c.Deletes():
		return q.deletesProtected()
	case c.Updates(), q.fills(c):
		return q.updatesProtected(c)
	}
	return q.createsProtected(c)
}

// updatesProtected: by the right to push, or to merge what a merge request is just merging.
func (q *question) updatesProtected(c *change) verdict {
	switch {
	case q.pushesProtected(c):
		return verdict{}
	case q.merging(c):
		return unless(q.mayMergeBy(c.rules), denied(textMergeProtected))
	case q.fills(c):
		path := q.Container.FullPath()
		return denied(fmt.Sprintf(textNoDefaultBranch, path, q.Instance.WebURL(path)))
	}
	return denied(textPushProtected)
}

// pushesProtected reports whether the pusher may push to a protected branch. Into an empty repository those who administer
// the project always may, and developers as the namespace says.
func (q *question) pushesProtected(c *change) bool {
	if q.fills(c) {
		level, first := q.pusherLevel(), q.firstBranch()
		if level >= gitlab.Maintainer || level >= gitlab.Developer && first.DevelopersPushFirst {
			return true
		}
	}
	return q.mayPushBy(c.rules)
}

// merging reports whether the new commit is the one that a merge request into this branch is being merged with.
func (q *question) merging(c *change) bool {
	for _, m := range q.Container.Project.Merging {
		if m == c.New+" "+c.name {
			return true
		}
	}
	return false
}

// createsProtected: by the right to push; or by the right to merge, in the web interface, from what a protected branch has.
func (q *question) createsProtected(c *change) verdict {
	switch {
	case q.pushesProtected(c):
		return verdict{}
	case !q.mayMergeBy(c.rules):
		return denied(textCreateProtected)
	}
	contained, known := q.inProtectedBranch(c.New)
	switch {
	case !known:
		return verdict{}
	case !contained:
		return denied(textBranchBasis)
	}
	return unless(q.Protocol == "web", denied(textCreateOnWeb))
}

// deletesProtected: maintainers up, and not by a push of git.
func (q *question) deletesProtected() verdict {
	if q.pusherLevel() < gitlab.Maintainer {
		return denied(textDeleteProtected)
	}
	return unless(q.Protocol == "web", denied(textDeleteOnWeb))
}
