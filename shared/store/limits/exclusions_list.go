package limits

import (
	"context"
	"math"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// NamedExclusion is an exclusion with the name that its namespace has now.
type NamedExclusion struct {
	gitlab.StorageLimitExclusion
	NamespaceName string
}

// ExclusionPage is a part of the exclusions.
type ExclusionPage struct {
	Settings   record.Settings
	Total      int // of all exclusions
	Exclusions []NamedExclusion
}

// ListExclusions returns at most limit exclusions from an offset on, by their ids, in three calls. The counts lead to the block of
// the offset, so that earlier blocks are not read.
func (s *Limits) ListExclusions(ctx context.Context, offset, limit int) (ExclusionPage, error) {
	v := s.newView()
	var page ExclusionPage
	var counts table.Item
	err := v.Resolve(ctx, func() bool {
		settings, settingsKnown := v.Settings()
		item, countsKnown := v.Get(layout.ExclusionCountsKey())
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
	page.Exclusions, err = s.exclusionsFrom(ctx, layout.ExclusionOrderKey(block*record.ExclusionBlockSize+1), before, limit)
	if err != nil {
		return page, err
	}
	return page, s.nameExclusions(ctx, page.Exclusions)
}

// exclusionsFrom reads the exclusions in order, leaving out the first ones.
func (s *Limits) exclusionsFrom(ctx context.Context, first table.Key, without, limit int) ([]NamedExclusion, error) {
	var found []NamedExclusion
	err := s.db.Between(ctx, first, layout.ExclusionOrderKey(math.MaxInt64), without+limit, func(item table.Item) error {
		// Of the block in which the offset lies, those before it: at most 99.
		if without--; without >= 0 {
			return nil
		}
		var e NamedExclusion
		err := table.Decode(item, &e.StorageLimitExclusion)
		found = append(found, e)
		return err
	})
	return found, err
}

// nameExclusions reads the names of the namespaces.
func (s *Limits) nameExclusions(ctx context.Context, exclusions []NamedExclusion) error {
	keys := make([]table.Key, len(exclusions))
	for i := range exclusions {
		keys[i] = layout.NamespaceKey(exclusions[i].NamespaceID)
	}
	found, err := s.db.Get(ctx, keys)
	if err != nil {
		return err
	}
	for i := range exclusions {
		exclusions[i].NamespaceName = table.Text(found[keys[i]], "name")
	}
	return nil
}

// blockAt finds the record at an offset in the order of their numbers, which are counted in blocks. It returns the block, the
// number of records before it in the block, and the total. Past the end the block is 0.
func blockAt(counts table.Item, offset int) (block int64, before, total int) {
	blocks := record.BlocksOf(counts)
	found := false
	for _, b := range blocks {
		n := int(table.Integer(counts, record.BlockName(b)))
		if !found && offset < total+n {
			block, before, found = b, offset-total, true
		}
		total += n
	}
	return block, before, total
}
