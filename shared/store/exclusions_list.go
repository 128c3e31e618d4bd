package store

import (
	"context"
	"math"

	"postern/shared/gitlab"
)

// NamedExclusion is an exclusion with the name that its namespace has now.
type NamedExclusion struct {
	gitlab.StorageLimitExclusion
	NamespaceName string
}

// ExclusionPage is a part of the exclusions.
type ExclusionPage struct {
	Settings   Settings
	Total      int // of all exclusions
	Exclusions []NamedExclusion
}

// ListExclusions returns at most limit exclusions from an offset on, by their ids, in three calls: the counts say which block
// the offset lies in, so that what is before it is not read.
func (s *Store) ListExclusions(ctx context.Context, offset, limit int) (ExclusionPage, error) {
	v := s.newView()
	var page ExclusionPage
	var counts Item
	err := v.resolve(ctx, func() bool {
		settings, settingsKnown := v.settings()
		item, countsKnown := v.get(exclusionCountsKey())
		page.Settings, counts = settings, item
		return settingsKnown && countsKnown
	})
	if err != nil {
		return page, err
	}
	block, before, total := blockAt(counts, offset)
	page.Total = total
	// Behind the last page there is nothing to read, and the total is known all the same.
	if offset >= total {
		return page, nil
	}
	page.Exclusions, err = s.exclusionsFrom(ctx, exclusionOrderKey(block*exclusionBlockSize+1), before, limit)
	if err != nil {
		return page, err
	}
	return page, s.nameExclusions(ctx, page.Exclusions)
}

// exclusionsFrom reads the exclusions in order, leaving out the first ones.
func (s *Store) exclusionsFrom(ctx context.Context, first Key, without, limit int) ([]NamedExclusion, error) {
	var found []NamedExclusion
	err := s.between(ctx, first, exclusionOrderKey(math.MaxInt64), without+limit, func(item Item) error {
		// Of the block in which the offset lies, those before it: at most 99.
		if without--; without >= 0 {
			return nil
		}
		var e NamedExclusion
		err := decode(item, &e.StorageLimitExclusion)
		found = append(found, e)
		return err
	})
	return found, err
}

// nameExclusions reads the names of the namespaces.
func (s *Store) nameExclusions(ctx context.Context, exclusions []NamedExclusion) error {
	keys := make([]Key, len(exclusions))
	for i := range exclusions {
		keys[i] = namespaceKey(exclusions[i].NamespaceID)
	}
	found, err := s.batchGet(ctx, keys)
	if err != nil {
		return err
	}
	for i := range exclusions {
		exclusions[i].NamespaceName = text(found[keys[i]], "name")
	}
	return nil
}
