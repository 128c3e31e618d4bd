package access

import (
	"time"

	"postern/shared/gitlab"
)

// ReadsCode reports whether a user reads and downloads the code of a project (internal API, post_receive). A deploy key's
// creator counts as a user.
func ReadsCode(user *gitlab.User, project *gitlab.Container, members []gitlab.Member, now time.Time) bool {
	q := questionOf(user, project, members, now)
	return user.Active() && q.exists() && q.reads() && q.downloadsCode()
}

// DevelopsCode reports whether a user may push code to a project by role. Invitations of merge requests do not count.
func DevelopsCode(user *gitlab.User, project *gitlab.Container, members []gitlab.Member, now time.Time) bool {
	q := questionOf(user, project, members, now)
	return user.Active() && q.exists() && !project.Project.Archived &&
		project.Project.RepositoryAccessLevel != gitlab.FeatureDisabled && q.level >= gitlab.Developer
}

// questionOf returns the question of a user about a project, without a key.
func questionOf(user *gitlab.User, project *gitlab.Container, members []gitlab.Member, now time.Time) *question {
	return newQuestion(&Request{Actor: gitlab.Actor{User: user}, Container: project, Members: members, Now: now})
}
