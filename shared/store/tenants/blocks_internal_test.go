package tenants

import (
	"testing"

	"postern/shared/store/scimkeys"
)

func TestSCIMBlocks(t *testing.T) {
	full := int64(scimkeys.BlockSize)
	rows := []struct {
		name          string
		blocks        scimBlocks
		total, next   int
		position      int
		block, before int
	}{
		{"none", scimBlocks{}, 0, 0, 1, 0, 0},
		{"the first of one block", scimBlocks{counts: []int64{3}}, 3, 0, 1, 0, 0},
		{"the last of one block", scimBlocks{counts: []int64{3}}, 3, 0, 3, 0, 2},
		{"the first of the second block", scimBlocks{counts: []int64{3, 4}, last: 1}, 7, 1, 4, 1, 0},
		{"behind a block that is empty", scimBlocks{counts: []int64{3, 0, 4}, last: 2}, 7, 2, 4, 2, 0},
		{"behind the last", scimBlocks{counts: []int64{3}}, 3, 0, 4, 1, 0},
		{"a full block is followed by the next", scimBlocks{counts: []int64{full}}, int(full), 1, 1, 0, 0},
		{"never one before the last, even if that is empty", scimBlocks{counts: []int64{3, 0}, last: 1}, 3, 1, 1, 0, 0},
		{"blocks that are counted from another one on", scimBlocks{first: 128, counts: []int64{full, 5}, last: 129}, int(full) + 5, 129, int(full) + 1, 129, 0},
		{"a full one at the end of what is counted", scimBlocks{first: 128, counts: []int64{0, full}, last: 129}, int(full), 130, 1, 129, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			block, before := row.blocks.at(row.position)
			if row.blocks.total() != row.total || row.blocks.next() != row.next || block != row.block || before != row.before {
				t.Errorf("total %d, next %d, at %d: block %d behind %d", row.blocks.total(), row.blocks.next(), row.position, block, before)
			}
		})
	}
}
