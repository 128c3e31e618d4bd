package access

import (
	"slices"

	"postern/shared/gitlab"
)

// branchRules are the rules that cover one branch.
type branchRules []*gitlab.ProtectedBranch

// rulesFor returns the rules that cover a branch.
func (q *question) rulesFor(branch string) branchRules {
	var covering branchRules
	for i := range q.Rules.Branches {
		if rule := &q.Rules.Branches[i]; rule.Matches(branch) {
			covering = append(covering, rule)
		}
	}
	return covering
}

// allowForcePush reports whether one of the rules does.
func (b branchRules) allowForcePush() bool {
	return slices.ContainsFunc(b, func(r *gitlab.ProtectedBranch) bool { return r.AllowForcePush })
}

// mayPushBy reports whether one of the rules lets the pusher push: the most permissive one counts.
func (q *question) mayPushBy(rules branchRules) bool {
	return slices.ContainsFunc(rules, func(r *gitlab.ProtectedBranch) bool { return q.grantedBy(r.PushAccessLevels) })
}

// mayMergeBy reports whether one of the rules lets the pusher merge.
func (q *question) mayMergeBy(rules branchRules) bool {
	return slices.ContainsFunc(rules, func(r *gitlab.ProtectedBranch) bool { return q.grantedBy(r.MergeAccessLevels) })
}

// grantedBy reports whether one entry of a rule lets the pusher through. A level of 0 lets nobody through, but takes
// nothing away from the other entries.
func (q *question) grantedBy(entries []gitlab.Grantee) bool {
	return slices.ContainsFunc(entries, q.grants)
}

func (q *question) grants(g gitlab.Grantee) bool {
	pusher := q.pusher()
	switch {
	case pusher == nil:
		return false
	case g.AccessLevel != nil:
		return q.reaches(*g.AccessLevel)
	case g.UserID != nil:
		return *g.UserID == pusher.ID
	case g.GroupID != nil:
		return slices.Contains(q.Rules.Groups, *g.GroupID)
	case g.DeployKeyID != nil:
		return q.pusherLevel() >= gitlab.Guest && slices.Contains(q.Rules.DeployKeys, *g.DeployKeyID)
	}
	return false
}

// reaches reports whether the pusher has the level of a rule's entry. Administrators count as owners, but to be one is
// asked for by a level of its own.
func (q *question) reaches(needed gitlab.AccessLevel) bool {
	switch needed {
	case gitlab.NoAccess:
		return false
	case gitlab.Admin:
		return q.pusher().Admin
	}
	return q.pusherLevel() >= needed
}

// pusher is whose rights count for single refs: the person, or the creator of a deploy key.
func (q *question) pusher() *gitlab.User { return q.Actor.User }

// pusherLevel is the level of the pusher in the project.
func (q *question) pusherLevel() gitlab.AccessLevel {
	if q.Actor.DeployKey() {
		return q.levelOf(q.Actor.User, q.CreatorMembers)
	}
	return q.level
}
