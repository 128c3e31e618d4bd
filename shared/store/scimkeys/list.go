package scimkeys

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"postern/shared/store/layout"
	"postern/shared/table"
)

// A tenant's identities are listed by places: the number of a block, the time of creation, and a text that separates those of
// one moment. The identities of each block are counted, so a page is found without reading the ones before it.

const (
	// BlockSize is the number of identities in a block before the next one begins. Identities that are created at the same time
	// may exceed it.
	BlockSize = 256
	// BlocksCounted is the number of blocks that one item counts: so few that adding to it is always a write of 1 KB.
	BlocksCounted = 64
	// Shards is the number of items that count the same blocks, so that identities created at the same time seldom share one.
	Shards = 4
	// ListEnd is behind the places of all blocks.
	ListEnd = "~"
)

// List is the identity at a place; the list of a tenant begins at the place "".
func List(tenant, place string) table.Key { return key(tenant, "list#"+place) }

// Place is the place of an identity that is created at a time. Identities of one moment have the order of after.
func Place(block int, at time.Time, after string) string {
	return BlockStart(block) + "#" + at.UTC().Format(layout.SortableTime) + "#" + after
}

// BlockStart is before all places of a block.
func BlockStart(block int) string { return fmt.Sprintf("%08d", block) }

// Block returns the block of a place; false for none.
func Block(place string) (int, bool) {
	digits, _, ok := strings.Cut(place, "#")
	block, err := strconv.Atoi(digits)
	return block, ok && err == nil
}

// Shard is the item, among those that count a block, that counts a place.
func Shard(place string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(place)) // it never fails
	return int(h.Sum32() % Shards)
}

// Counts is the item that counts a block.
func Counts(tenant string, block, shard int) table.Key {
	return key(tenant, fmt.Sprintf("counts#%06d#%d", block/BlocksCounted, shard))
}
