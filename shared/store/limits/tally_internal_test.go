package limits

import (
	"testing"

	"pgregory.net/rapid"

	"postern/shared/store/record"
	"postern/shared/table"
)

// Against the plain list of the numbers that are there.
func TestBlockAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.Int64Range(0, 3), 0, 12).Draw(t, "sizes of the blocks")
		counts := table.Item{"pk": table.Number(1), "v": table.Number(7)}
		var blocks, before []int64
		for b, n := range sizes {
			counts[record.BlockName(int64(b))] = table.Number(n)
			for i := range n {
				blocks, before = append(blocks, int64(b)), append(before, i)
			}
		}
		offset := rapid.IntRange(0, 40).Draw(t, "offset")
		block, left, total := blockAt(counts, offset)
		switch {
		case total != len(blocks):
			t.Fatalf("%d records, want %d", total, len(blocks))
		case offset < total && (block != blocks[offset] || int64(left) != before[offset]):
			t.Fatalf("block %d after %d, want %d after %d", block, left, blocks[offset], before[offset])
		case offset >= total && block != 0:
			t.Fatalf("block %d past the end", block)
		}
	})
}
