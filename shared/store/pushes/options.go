package pushes

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// optionsKey notes that the options of a push were applied to a merge request.
func optionsKey(p *gitlab.Push, branch string) table.Key {
	pair := record.MergeRequestPair{Source: p.Repository.ID, Target: p.MergeTarget, SourceBranch: branch}
	return table.Key{PK: "mrdone#" + p.ID, SK: pair.Digest()}
}

// applyPushOptions makes or changes the merge requests that a push decided on when it was accepted (internal API,
// post_receive). The table keeps target and title; labels, assignees and the other options are in the push's event.
func (s *Pushes) applyPushOptions(ctx context.Context, p *gitlab.Push) error {
	if len(p.MergeRequests) == 0 {
		return nil
	}
	options := gitlab.ParsePushOptions(p.Options)
	for _, branch := range slices.Sorted(maps.Keys(p.MergeRequests)) {
		if err := s.applyMergeRequest(ctx, p, options, branch); err != nil {
			return err
		}
	}
	return nil
}

// applyMergeRequest makes or changes the merge request from a branch. It reads again after a conflict with another writer. A
// repeat of the push changes nothing, since a newer edit may stand there.
func (s *Pushes) applyMergeRequest(ctx context.Context, p *gitlab.Push, options gitlab.PushOptions, branch string) error {
	iid, applied := p.MergeRequests[branch], optionsKey(p, branch)
	done := table.PutNew(applied, table.Item{"expires": s.db.Expires(outboxTime)})
	for attempt := 0; ; attempt++ {
		change, err := s.mergeRequestChange(ctx, p, options, branch, iid)
		if err != nil || change.Empty() {
			return err
		}
		err = s.records.ApplyWith(ctx, []record.Change{change}, done)
		var conflict *record.ConflictError
		switch {
		case !errors.As(err, &conflict):
			return err
		case conflict.Key == applied:
			return nil
		case conflict.Reason == record.ConflictTaken && change.Old == nil:
			// Another merge request got the pair first: this push changes that one, as if it had come later.
			holder, err := s.holderOf(ctx, conflict.Key)
			if err != nil {
				return err
			}
			iid = cmp.Or(holder, p.MergeRequests[branch])
		case conflict.Reason == record.ConflictTaken:
			return nil // a change of the target to a pair that was free when the push was accepted
		}
		if attempt+1 == table.Attempts {
			return err
		}
	}
}

// holderOf returns the number of the open merge request that has a pair, 0 for none.
func (s *Pushes) holderOf(ctx context.Context, pair table.Key) (gitlab.ID, error) {
	found, err := s.db.GetOne(ctx, pair)
	return table.Integer(found, "id"), err
}

// mergeRequestChange returns the change that options make to the merge request of a number, or that creates it. It is empty
// for a merge request that is not open any more, and in a project that is gone.
func (s *Pushes) mergeRequestChange(
	ctx context.Context, p *gitlab.Push, options gitlab.PushOptions, branch string, iid gitlab.ID,
) (record.Change, error) {
	project, _, err := recorded[record.PlacedProject](ctx, s, layout.ProjectKey(p.MergeTarget))
	if err != nil || project == nil {
		return record.Change{}, err
	}
	old, err := s.records.RecordAt(ctx, layout.MergeRequestKey(p.MergeTarget, iid))
	if err != nil {
		return record.Change{}, err
	}
	if old == nil {
		mr := gitlab.MergeRequest{
			ProjectID: p.MergeTarget, IID: iid, SourceProjectID: p.Repository.ID, SourceBranch: branch,
			TargetBranch: project.DefaultBranch, State: gitlab.MergeRequestOpened, Title: gitlab.TitleOfBranch(branch),
		}
		mr.ApplyOptions(options)
		return record.Change{New: record.MergeRequestRecord(&mr)}, nil
	}
	mr, ok := old.Value().(*gitlab.MergeRequest)
	if !ok || mr.State != gitlab.MergeRequestOpened || mr.SourceProjectID != p.Repository.ID || mr.SourceBranch != branch {
		return record.Change{}, nil
	}
	next := *mr
	next.ApplyOptions(options)
	return record.Change{Old: old, New: record.MergeRequestRecord(&next)}, nil
}
