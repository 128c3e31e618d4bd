package hooks

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"postern/shared/access"
	"postern/shared/gitlab"
	"postern/shared/store/pushes"
	"postern/shared/store/record"
)

// mostBranches is how many branches push options may make merge requests of.
const mostBranches = 10

// The problems with push options that name nothing (internal API, post_receive).
const (
	problemRepository = "Push options are only supported for projects"
	problemUser       = "User is required"
	problemAccess     = "User access was denied"
	problemSame       = "You must select different branches"
	problemUnknown    = "An unknown error occurred"
)

// requests is the outcome of options for merge requests.
type requests struct {
	problems []string
	// changes are the numbers of open merge requests that change, creates the new ones, by source branch.
	changes map[string]gitlab.ID
	creates map[string]gitlab.MergeRequest
}

// asksForMergeRequests reports whether options of the push are about merge requests.
func (p *push) asksForMergeRequests() bool { return len(p.options["merge_request"]) > 0 }

// mergeRequests judges the options for merge requests: first for the whole push, then for each branch.
func (p *push) mergeRequests(now time.Time) requests {
	r := requests{changes: map[string]gitlab.ID{}, creates: map[string]gitlab.MergeRequest{}}
	if !p.asksForMergeRequests() {
		return r
	}
	if r.problems = p.refusedOptions(now); len(r.problems) > 0 {
		return r
	}
	for _, branch := range p.mergeBranches() {
		if problem := p.judgeBranch(&r, branch, now); problem != "" {
			r.problems = append(r.problems, problem)
		}
	}
	return r
}

// refusedOptions returns the problems of the whole push. The first three end the checks.
func (p *push) refusedOptions(now time.Time) []string {
	user, target := p.found.Actor.User, p.found.Target
	switch {
	case p.repository.Kind != gitlab.ProjectRepository:
		return []string{problemRepository}
	case user == nil:
		return []string{problemUser}
	case target == nil || !access.ReadsCode(user, target, p.found.TargetMembers, now):
		return []string{problemAccess}
	}
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if !p.found.SameNetwork {
		add("Projects %s and %s are not in the same network", p.found.Container.FullPath(), target.FullPath())
	}
	if target.Project.MergeRequestsAccessLevel == gitlab.FeatureDisabled {
		add("Merge requests are not enabled for project %s", target.FullPath())
	}
	if n := len(p.mergeBranches()); n > mostBranches {
		add("Too many branches pushed (%d were pushed, limit is %d)", n, mostBranches)
	}
	if branch := p.options.Get("merge_request", "target"); branch != "" && !p.targetExists(branch, p.found.TargetIs) {
		add("Target branch %s:%s does not exist", target.FullPath(), branch)
	}
	return problems
}

// targetExists reports whether a branch of the target project exists after the push; stored is the table's answer.
func (p *push) targetExists(branch string, stored bool) bool {
	if p.found.Target.Project.ID != p.repository.ID {
		return stored
	}
	for i := range p.changes {
		if name, ok := p.changes[i].Branch(); ok && name == branch {
			stored = !p.changes[i].Deletes()
		}
	}
	return stored
}

// mergeBranches are the pushed branches without the target project's default branch, in the order of the push.
func (p *push) mergeBranches() []string {
	return slices.DeleteFunc(p.branches(), func(name string) bool { return name == p.found.Target.Project.DefaultBranch })
}

// judgeBranch decides on the merge request from one branch. It returns the problem, "" for none.
func (p *push) judgeBranch(r *requests, branch string, now time.Time) string {
	open := p.openInTarget(branch)
	if len(open) > 0 {
		problem := p.changeProblem(branch, open)
		if problem == "" {
			r.changes[branch] = open[0].IID
		}
		return problem
	}
	mr := p.newRequest(branch)
	problem := p.createProblem(&mr, now)
	if problem == "" {
		r.creates[branch] = mr
	}
	return problem
}

// openInTarget returns the open merge requests from a branch into the target project, the latest first.
func (p *push) openInTarget(branch string) []pushes.OpenMergeRequest {
	return slices.DeleteFunc(slices.Clone(p.found.AllOpen[branch]), func(open pushes.OpenMergeRequest) bool {
		return open.Project != p.found.Target.Project.ID
	})
}

// newRequest returns the merge request that the options ask for, without a number.
func (p *push) newRequest(branch string) gitlab.MergeRequest {
	mr := gitlab.MergeRequest{
		ProjectID: p.found.Target.Project.ID, SourceProjectID: p.repository.ID, SourceBranch: branch,
		TargetBranch: p.found.Target.Project.DefaultBranch, State: gitlab.MergeRequestOpened, Title: gitlab.TitleOfBranch(branch),
	}
	mr.ApplyOptions(p.options)
	return mr
}

// createProblem returns the reason why a merge request is not made.
func (p *push) createProblem(mr *gitlab.MergeRequest, now time.Time) string {
	target := p.found.Target.Project
	_, defaultIsStored := p.options["merge_request"]["target"]
	defaultIsStored = defaultIsStored || !target.EmptyRepo
	switch {
	case !p.options.Has("merge_request", "create"):
		return "A merge_request.create push option is required to create a merge request for branch " + mr.SourceBranch
	case !access.DevelopsCode(p.found.Actor.User, p.found.Container, p.found.Members, now):
		return problemAccess
	case mr.SourceBranch == mr.TargetBranch && mr.SourceProjectID == mr.ProjectID:
		return problemSame
	case !p.targetExists(mr.TargetBranch, defaultIsStored):
		return fmt.Sprintf(`Target branch "%s" does not exist`, mr.TargetBranch)
	}
	return p.textProblem(mr)
}

// changeProblem returns the reason why the latest of the open merge requests from a branch is not changed.
func (p *push) changeProblem(branch string, open []pushes.OpenMergeRequest) string {
	mr := p.newRequest(branch)
	if target := p.options.Get("merge_request", "target"); target != "" {
		if mr.SourceBranch == target && mr.SourceProjectID == mr.ProjectID {
			return problemSame
		}
		for _, other := range open[1:] {
			if other.Branch == target && target != open[0].Branch {
				return fmt.Sprintf("Validate branches Another open merge request already exists for this source branch: !%d", other.IID)
			}
		}
	}
	return p.textProblem(&mr)
}

// textProblem returns the rule that a text of a merge request breaks. A merge request that does not fit the table, as one
// with a branch name that is no text, has no text of its own in GitLab.
func (p *push) textProblem(mr *gitlab.MergeRequest) string {
	description := p.options.Get("merge_request", "description")
	switch {
	case utf8.RuneCountInString(mr.Title) > gitlab.MaxTitle:
		return "Title " + gitlab.TitleProblem(mr.Title)
	case gitlab.DescriptionProblem(description) != "":
		return "Description " + gitlab.DescriptionProblem(description)
	case gitlab.TitleProblem(mr.Title) != "", !utf8.ValidString(mr.SourceBranch + mr.TargetBranch),
		!gitlab.StorableRef(gitlab.BranchRef(mr.SourceBranch)), !gitlab.StorableRef(gitlab.BranchRef(mr.TargetBranch)),
		record.MergeRequestRecord(mr).Fits() != nil:
		return problemUnknown
	}
	return ""
}

// reserve completes the numbers of merge requests by those that the worker creates, and returns these.
func (h *handler) reserve(ctx context.Context, r *requests) (created map[string]gitlab.ID, err error) {
	created = make(map[string]gitlab.ID, len(r.creates))
	for branch, mr := range r.creates {
		if created[branch], err = h.store.ReserveMergeRequest(ctx, record.PairOf(&mr)); err != nil {
			return nil, err
		}
		r.changes[branch] = created[branch]
	}
	return created, nil
}

// level returns the pusher's access level in the project.
func (p *push) level(now time.Time) gitlab.AccessLevel {
	return access.Level(p.found.Actor.User, p.found.Container.Chain, p.found.Members, now)
}
