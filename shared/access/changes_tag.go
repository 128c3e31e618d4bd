package access

import (
	"slices"
	"strings"
	"unicode/utf8"

	"postern/shared/gitlab"
)

// mayChangeTag lets developers up change tags that are there.
func mayChangeTag(q *question, c *change) verdict {
	return unless(c.Creates() || q.pusherLevel() >= gitlab.Developer, denied(textChangeTag))
}

// tagNamed refuses names that could be taken for something else, but lets them be deleted.
func tagNamed(q *question, c *change) verdict {
	switch {
	case c.Creates() && c.name == q.Container.Project.DefaultBranch:
		return denied(textTagLikeBranch)
	case c.Deletes():
		return verdict{}
	case !utf8.ValidString(c.name):
		return denied(textTagEncoding)
	case strings.HasPrefix(c.name, "refs/tags/"), !gitlab.ValidRefName(c.name):
		return denied(textTagPattern)
	}
	return unless(!gitlab.LikeObjectID(c.name), denied(textTagLikeID))
}

// protectedTag: nobody changes one, maintainers delete it in the web interface, and whom a rule names creates it.
func protectedTag(q *question, c *change) verdict {
	covered, granted := q.tagRules(c.name)
	switch {
	case !covered:
		return verdict{}
	case c.Updates():
		return denied(textUpdateProtectedTag)
	case c.Creates():
		return unless(granted || q.Actor.DeployKey(), denied(textCreateProtectedTag))
	case q.pusherLevel() < gitlab.Maintainer:
		return denied(textDeleteProtectedTag)
	}
	return unless(q.Protocol == "web", denied(textDeleteTagOnWeb))
}

// tagRules reports whether a rule covers a tag, and whether one of those lets the pusher create it.
func (q *question) tagRules(tag string) (covered, granted bool) {
	for i := range q.Rules.Tags {
		if rule := &q.Rules.Tags[i]; rule.Matches(tag) {
			covered = true
			granted = granted || slices.ContainsFunc(rule.CreateAccessLevels, q.grants)
		}
	}
	return covered, granted
}
