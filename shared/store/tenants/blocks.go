package tenants

import (
	"postern/shared/gitlab"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// scimBlocks is how many identities each block of a tenant's list has, from a block on.
type scimBlocks struct {
	first  int
	counts []int64
	last   int // the last block that ever had one
}

// total is how many they have together.
func (b *scimBlocks) total() int {
	sum := int64(0)
	for _, n := range b.counts {
		sum += n
	}
	return int(sum)
}

// at returns the block of the identity at a position, the first one's being 1, and how many of that block are before it.
func (b *scimBlocks) at(position int) (block, before int) {
	left := int64(position) - 1
	for i, n := range b.counts {
		if left < n {
			return b.first + i, int(left)
		}
		left -= n
	}
	return b.first + len(b.counts), 0
}

// next returns the block that a new identity goes into: never one before the last, so that the list has the order in
// which identities were made.
func (b *scimBlocks) next() int {
	if b.in(b.last) >= scimkeys.BlockSize {
		return b.last + 1
	}
	return max(b.last, b.first)
}

// in returns how many a block has, 0 for one that is not counted here.
func (b *scimBlocks) in(block int) int64 {
	if i := block - b.first; i >= 0 && i < len(b.counts) {
		return b.counts[i]
	}
	return 0
}

// add appends what the items that count the same blocks say of them.
func (b *scimBlocks) add(items []table.Item) {
	for range scimkeys.BlocksCounted {
		block := b.first + len(b.counts)
		sum := int64(0)
		for _, item := range items {
			if _, ever := item[record.BlockName(int64(block))]; ever {
				sum, b.last = sum+table.Integer(item, record.BlockName(int64(block))), block
			}
		}
		b.counts = append(b.counts, sum)
	}
}

// scimCountedGuess is how many groups of blocks are asked for when it is not known how many there are: those of 100,000
// identities.
const scimCountedGuess = 7

// scimBlocks evaluates the counts of a tenant's blocks, from a group of blocks on. Every group has items as long as
// there is one after it, so the first that has none ends them.
func (v *view) scimBlocks(tenant gitlab.ID, group int) (blocks scimBlocks, known bool) {
	guess, ok := v.store.hints.scimCounts.Get(tenant)
	if !ok {
		guess = scimCountedGuess
	}
	blocks.first = group * scimkeys.BlocksCounted
	for known = true; ; group++ {
		items, groupKnown := v.scimCounts(tenant, group)
		known = known && groupKnown
		switch {
		case !groupKnown && group <= guess:
		case !groupKnown: // more than was thought: ask for as many again
			for more := range group {
				v.scimCounts(tenant, group+more)
			}
			return blocks, false
		case len(items) == 0 && known:
			v.store.hints.scimCounts.Add(tenant, group)
			return blocks, true
		case len(items) == 0:
			return blocks, false
		default:
			blocks.add(items)
		}
	}
}

// scimCounts evaluates the items that count one group of blocks.
func (v *view) scimCounts(tenant gitlab.ID, group int) (items []table.Item, known bool) {
	known = true
	for shard := range scimkeys.Shards {
		item, shardKnown := v.Get(scimkeys.Counts(tenantName(tenant), group*scimkeys.BlocksCounted, shard))
		known = known && shardKnown
		if item != nil {
			items = append(items, item)
		}
	}
	return items, known
}
