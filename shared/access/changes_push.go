package access

import (
	"slices"

	"postern/shared/gitlab"
)

// mayPushRef asks for the right to push to this ref, and rejects a ref that cannot be stored.
func mayPushRef(q *question, c *change) verdict {
	if !q.pushesRef(c) {
		return denied(textPush)
	}
	return refStorable(c)
}

// pushesRef: developers up, and those whom a merge request invites to this branch. A deploy key, whose right to write has
// been asked, does it as long as its creator could use git and sees the project.
func (q *question) pushesRef(c *change) bool {
	switch {
	case q.Container.Project.RepositoryAccessLevel == gitlab.FeatureDisabled:
		return false
	case q.Actor.DeployKey():
		return q.pusher() != nil && q.usesGit(q.pusher()) == (verdict{}) && q.creatorReads()
	case q.level >= gitlab.Developer:
		return true
	}
	return c.kind == branchRefs && slices.Contains(q.Collaborations, c.name)
}

// creatorReads reports whether the creator of a deploy key sees the project as a person.
func (q *question) creatorReads() bool {
	switch v := q.Container.Project.Visibility; {
	case v == gitlab.Public, v == gitlab.Internal && isInsider(q.pusher()):
		return true
	}
	return q.pusherLevel() >= gitlab.Guest
}
