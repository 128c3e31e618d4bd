package access

import "postern/shared/gitlab"

// designsOnWebOnly: designs are never fetched or pushed by git itself, so an absent protocol is refused, too.
func designsOnWebOnly(q *question) verdict {
	return unless(q.Protocol == "web", denied(textDesignsOnWebOnly))
}

// mayManageDesigns lets developers up manage the designs of a project that they see. What is not there gives the
// same refusal.
func mayManageDesigns(q *question) verdict {
	ok := q.project() != nil && q.visible() && !q.project().Archived &&
		q.person != nil && userMayUseGit(q) == (verdict{}) && q.level >= gitlab.Developer
	return unless(ok, denied(textManageDesigns))
}
