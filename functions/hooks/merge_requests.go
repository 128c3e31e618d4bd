package hooks

import (
	"fmt"
	"time"
	"unicode/utf8"

	"postern/shared/access"
	"postern/shared/gitlab"
)

// mostBranches is how many branches push options may make merge requests of.
const mostBranches = 10

// asksForMergeRequests reports whether options of the push are about merge requests.
func (p *push) asksForMergeRequests() bool { return len(p.options["merge_request"]) > 0 }

// mergeRequests judges the options about merge requests: what is wrong with them, and from which branches one is to be
// created (internal API, post_receive). Open ones of the other branches are changed.
func (p *push) mergeRequests(now time.Time) (trouble, creates []string) {
	if !p.asksForMergeRequests() {
		return nil, nil
	}
	if trouble = p.refusedOptions(now); len(trouble) > 0 {
		return trouble, nil
	}
	for _, branch := range p.sideBranches() {
		switch _, open := p.found.Open[branch]; {
		case open:
		case p.options.Has("merge_request", "create") && utf8.ValidString(branch) && gitlab.StorableRef(gitlab.BranchRef(branch)):
			creates = append(creates, branch)
		default:
			trouble = append(trouble, "A merge_request.create push option is required to create a merge request for branch "+branch)
		}
	}
	return trouble, creates
}

// refusedOptions returns what is wrong with the options whatever the branches.
func (p *push) refusedOptions(now time.Time) []string {
	project, user := p.found.Container.Project, p.found.Actor.User
	path := p.found.Container.FullPath()
	switch {
	case p.repository.Kind != gitlab.ProjectRepository:
		return []string{"Push options are only supported for projects"}
	case user == nil:
		return []string{"User is required"}
	case !p.readsCode(user, now):
		return []string{"User access was denied"}
	}
	// The directory knows no networks of forks, so that a merge request always leads into the project that is pushed to.
	if into := p.options.Get("merge_request", "target_project"); into != "" && gitlab.FoldPath(into) != gitlab.FoldPath(path) {
		return []string{fmt.Sprintf("Projects %s and %s are not in the same network", path, into)}
	}
	var trouble []string
	if project.MergeRequestsAccessLevel == gitlab.FeatureDisabled {
		trouble = append(trouble, "Merge requests are not enabled for project "+path)
	}
	// Counted before any number is set aside for one.
	if n := len(p.sideBranches()); n > mostBranches {
		trouble = append(trouble, fmt.Sprintf("Too many branches pushed (%d were pushed, limit is %d)", n, mostBranches))
	}
	if target := p.options.Get("merge_request", "target"); target != "" && !p.found.TargetIs {
		trouble = append(trouble, fmt.Sprintf("Target branch %s:%s does not exist", path, target))
	}
	return trouble
}

// readsCode reports whether a user sees the code of the project.
func (p *push) readsCode(user *gitlab.User, now time.Time) bool {
	switch v := p.found.Container.Project.Visibility; {
	case !user.Active():
		return false
	case v == gitlab.Public, v == gitlab.Internal && !user.External:
		return true
	}
	return p.level(now) >= gitlab.Reporter
}

// level is what the pusher may do in the project.
func (p *push) level(now time.Time) gitlab.AccessLevel {
	return access.Level(p.found.Actor.User, p.found.Container.Chain, p.found.Members, now)
}
