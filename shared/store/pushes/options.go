package pushes

import (
	"context"
	"errors"
	"maps"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// draftPrefix begins the title of a merge request that is not ready.
const draftPrefix = "Draft: "

// applyPushOptions creates the merge requests that a push asks for, with the numbers that were set aside for them, or
// changes the open ones of its branches (internal API, post_receive). What the table has no room for, such as labels and
// assignees, is left to those whom the push's event is for.
func (s *Pushes) applyPushOptions(ctx context.Context, p *gitlab.Push) error {
	options := gitlab.ParsePushOptions(p.Options)
	// Nearly every push: nothing is read for it.
	if options["merge_request"] == nil {
		return nil
	}
	for _, branch := range slices.Sorted(maps.Keys(p.MergeRequests)) {
		if err := s.createMergeRequest(ctx, p, options, branch); err != nil {
			return err
		}
	}
	target, title := options.Get("merge_request", "target"), options.Get("merge_request", "title")
	if target == "" && title == "" {
		return nil
	}
	for i := range p.Changes {
		branch, ok := p.Changes[i].Branch()
		// What was just created has its title and target already.
		if !ok || p.Changes[i].Deletes() || p.MergeRequests[branch] != 0 {
			continue
		}
		if err := s.changeMergeRequest(ctx, p.Repository.ID, branch, target, title); err != nil {
			return err
		}
	}
	return nil
}

// createMergeRequest creates the merge request from a branch, unless it is there or the project is gone.
func (s *Pushes) createMergeRequest(ctx context.Context, p *gitlab.Push, options gitlab.PushOptions, branch string) error {
	project, err := s.records.RecordAt(ctx, layout.ProjectKey(p.Repository.ID))
	if err != nil || project == nil {
		return err
	}
	placed, _ := project.Value().(*record.PlacedProject)
	if placed == nil {
		return nil
	}
	mr := gitlab.MergeRequest{
		ProjectID: p.Repository.ID, IID: p.MergeRequests[branch], SourceProjectID: p.Repository.ID, SourceBranch: branch,
		TargetBranch: options.Get("merge_request", "target"), State: gitlab.MergeRequestOpened,
		Title: options.Get("merge_request", "title"),
	}
	if mr.TargetBranch == "" {
		mr.TargetBranch = placed.DefaultBranch
	}
	if mr.Title == "" {
		mr.Title = branch
	}
	if options.Has("merge_request", "draft") {
		mr.Title = draftPrefix + mr.Title
	}
	// Told again, the push finds its merge request, which somebody may have closed meanwhile: it is left as it is.
	if err = s.records.Apply(ctx, record.Change{New: record.MergeRequestRecord(&mr)}); errors.Is(err, table.ErrConflict) {
		return nil
	}
	return err
}

// changeMergeRequest changes the target branch and the title, where they are given, of the latest open merge request from a
// branch. Somebody else may change it at the same time: then it is read again.
func (s *Pushes) changeMergeRequest(ctx context.Context, source gitlab.ID, branch, target, title string) error {
	k := layout.OpenFromKey(source, branch)
	for attempt := 0; ; attempt++ {
		found, err := s.db.Get(ctx, []table.Key{k})
		if err != nil {
			return err
		}
		open, ok := latestOpen(found[k])
		if !ok {
			return nil
		}
		old, err := s.records.RecordAt(ctx, layout.MergeRequestKey(open.Project, open.IID))
		if err != nil || old == nil {
			return err
		}
		change := retitled(old, target, title)
		if change.Empty() {
			return nil
		}
		if err = s.records.Apply(ctx, change); !errors.Is(err, table.ErrConflict) || attempt+1 == table.Attempts {
			return err
		}
	}
}

// retitled is the change of a merge request's target branch and title.
func retitled(old *record.Record, target, title string) record.Change {
	mr, ok := old.Value().(*gitlab.MergeRequest)
	if !ok {
		return record.Change{}
	}
	next := *mr
	if target != "" {
		next.TargetBranch = target
	}
	if title != "" {
		next.Title = title
	}
	return record.Change{Old: old, New: record.MergeRequestRecord(&next)}
}
