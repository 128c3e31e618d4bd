package directory

import (
	"context"
	"sync"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// later are users who name groups that the document makes. Users come before groups, which may need their owners, so
// these get what names a group only once the groups are there.
type later struct {
	mu    sync.Mutex
	users []int // by index in the document
}

// postpone takes groups that are not there yet from users that are about to be written.
func (r *run) postpone(ctx context.Context, entries []*entry[gitlab.User]) error {
	var keys []table.Key
	for _, e := range entries {
		for _, group := range []*gitlab.ID{e.next.EnterpriseGroupID, e.next.ProvisionedByGroupID} {
			if group != nil {
				keys = append(keys, layout.OwnKey(layout.KindNamespace, *group))
			}
		}
	}
	// Hardly any user names a group, so mostly nothing is read.
	if len(keys) == 0 {
		return nil
	}
	present, err := r.store.Present(ctx, keys)
	if err != nil {
		return err
	}
	absent := func(group *gitlab.ID) bool {
		return group != nil && !present[layout.OwnKey(layout.KindNamespace, *group)]
	}
	for _, e := range entries {
		if !absent(e.next.EnterpriseGroupID) && !absent(e.next.ProvisionedByGroupID) {
			continue
		}
		if absent(e.next.EnterpriseGroupID) {
			e.next.EnterpriseGroupID = nil
		}
		if absent(e.next.ProvisionedByGroupID) {
			e.next.ProvisionedByGroupID = nil
		}
		// Counted as updated even where the first write changes nothing: the second one does.
		e.later = true
		// Portions are written by several workers; all of them may postpone users.
		r.later.mu.Lock()
		r.later.users = append(r.later.users, e.Index)
		r.later.mu.Unlock()
	}
	return nil
}

// writeLater writes the users that were postponed once more; they have been counted.
func (r *run) writeLater(ctx context.Context) error {
	sec := r.doc.Section("users")
	// They are taken out first: those whose group was removed by somebody else meanwhile would be postponed for ever.
	again := r.later.users
	r.later.users = nil
	for _, i := range again {
		err := r.doc.Each(ctx, sec, i, i+1, 1, func(one []document.Raw) error {
			return r.writePortion(ctx, r.kinds[0], one, false)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
