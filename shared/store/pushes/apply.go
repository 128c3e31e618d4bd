package pushes

import (
	"context"
	"errors"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// refsTogether is how many refs of a push are written in one transaction: two items each, and the check of the project.
const refsTogether = 48

// errBusyRefs says that other pushes changed the same refs again and again.
var errBusyRefs = errors.New("refs are changed by others")

// errProjectGone says that a project is not there, or is being removed: a push has no effects on it.
var errProjectGone = errors.New("store: project is gone")

// ApplyPush writes what an accepted push to a project's repository does: to its refs, with a record of each change, to the
// project, its merge requests and the pusher. Every change of a ref counts once, however often a push is applied and in
// whatever order pushes are. forced tells of changes, by their index, whether they dropped commits; those that are not
// known are left out. A project that is gone is no error.
func (s *Pushes) ApplyPush(ctx context.Context, p *gitlab.Push, forced map[int]bool) error {
	// Wikis and snippets have no refs here, and no merge requests.
	if p.Repository.Kind != gitlab.ProjectRepository {
		return nil
	}
	for _, batch := range refBatches(p) {
		err := s.applyRefs(ctx, p, batch, forced)
		if errors.Is(err, errProjectGone) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	if err := s.applyPushToProject(ctx, p); err != nil {
		return err
	}
	return s.applyPushOptions(ctx, p)
}

// refBatches divides the changes of a push, by index. A ref that is named twice comes into another batch the second time,
// because a transaction takes each item once.
func refBatches(p *gitlab.Push) [][]int {
	var batches [][]int
	batch := make([]int, 0, refsTogether)
	seen := map[string]bool{}
	for i := range p.Changes {
		if len(batch) == refsTogether || seen[p.Changes[i].Ref] {
			batches, batch = append(batches, batch), make([]int, 0, refsTogether)
			clear(seen)
		}
		batch = append(batch, i)
		seen[p.Changes[i].Ref] = true
	}
	if len(batch) > 0 {
		batches = append(batches, batch)
	}
	return batches
}

// applyRefs writes the changes of a batch that are not written yet.
func (s *Pushes) applyRefs(ctx context.Context, p *gitlab.Push, batch []int, forced map[int]bool) error {
	for attempt := 0; len(batch) > 0; {
		items, err := s.readRefs(ctx, p, batch)
		if err != nil {
			return err
		}
		writes, owners, err := s.refWrites(p, batch, forced, items)
		if err != nil {
			return err
		}
		err = s.db.Transact(ctx, writes)
		if !errors.Is(err, table.ErrConflict) {
			return err
		}
		left, gone := notApplied(batch, owners, table.FailedConditions(err))
		switch {
		case gone:
			return errProjectGone
		// At once, since it is no collision: some have been written before.
		case len(left) < len(batch):
			batch = left
			continue
		}
		if err := table.WaitForOthers(ctx, &attempt, errBusyRefs); err != nil {
			return err
		}
	}
	return nil
}

// readRefs reads the items of a batch's refs, and makes sure of the project.
func (s *Pushes) readRefs(ctx context.Context, p *gitlab.Push, batch []int) (map[table.Key]table.Item, error) {
	keys := make([]table.Key, 1, 1+len(batch))
	keys[0] = layout.ProjectKey(p.Repository.ID)
	for _, i := range batch {
		keys = append(keys, layout.RefKey(p.Repository.ID, p.Changes[i].Ref))
	}
	items, err := s.db.Get(ctx, keys)
	if err != nil {
		return nil, err
	}
	if project := items[keys[0]]; project == nil || project[layout.Removing] != nil {
		return nil, errProjectGone
	}
	return items, nil
}

// owner is what a write of a batch's transaction is for.
type owner struct {
	index int  // of the change; -1 for the check of the project
	event bool // the record of the change, which is there when the change has been written before
}

// refWrites returns the writes of a batch: the record of each change and the ref's new item, and the check that the project
// is still there.
func (s *Pushes) refWrites(
	p *gitlab.Push, batch []int, forced map[int]bool, items map[table.Key]table.Item,
) (writes []table.Write, owners []owner, err error) {
	for _, i := range batch {
		var known *bool
		// Left out where Gitaly was not asked, or did not answer.
		if f, ok := forced[i]; ok {
			known = &f
		}
		writes = append(writes, pushEventWrite(p, i, known))
		owners = append(owners, owner{index: i, event: true})
		k := layout.RefKey(p.Repository.ID, p.Changes[i].Ref)
		if !gitlab.StorableRef(p.Changes[i].Ref) { // the push's event names it all the same
			continue
		}
		write, err := s.refWrite(k, items[k], p.Repository.ID, &p.Changes[i])
		if err != nil {
			return nil, nil, err
		}
		if write != nil {
			writes, owners = append(writes, *write), append(owners, owner{index: i})
		}
	}
	return append(writes, record.CheckPresent(layout.ProjectKey(p.Repository.ID))), append(owners, owner{index: -1}), nil
}

// notApplied returns the changes of a batch without those whose record is there already; gone says that the project is.
func notApplied(batch []int, owners []owner, failed map[int]table.Item) (left []int, gone bool) {
	applied := map[int]bool{}
	for i := range failed {
		gone = gone || owners[i].index < 0
		if owners[i].event {
			applied[owners[i].index] = true
		}
	}
	for _, i := range batch {
		if !applied[i] {
			left = append(left, i)
		}
	}
	return left, gone
}
