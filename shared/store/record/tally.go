package record

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"postern/shared/table"
)

// tally is a number among those of an item that says how many records there are of a kind. It moves in the transaction
// that makes or removes a record, at a cost that does not depend on how many there are.
type tally struct {
	key       table.Key
	attribute string
}

// talliesOrNone returns where the record is counted, nowhere if there is none.
func (r *Record) talliesOrNone() []tally {
	if r == nil {
		return nil
	}
	return r.tallies
}

// tallyOperations counts the record where it is counted now and was not before, and the other way round.
func (c Change) tallyOperations() []operation {
	was, is := c.Old.talliesOrNone(), c.New.talliesOrNone()
	var ops []operation
	for _, t := range is {
		if !slices.Contains(was, t) {
			ops = append(ops, t.adding(1))
		}
	}
	for _, t := range was {
		if !slices.Contains(is, t) {
			ops = append(ops, t.adding(-1))
		}
	}
	return ops
}

func (t tally) adding(n int64) operation {
	return operation{verb: update, key: t.key, add: map[string]int64{t.attribute: n}}
}

// sums returns what two additions to the same item add together.
func sums(a, b map[string]int64) map[string]int64 {
	both := maps.Clone(a)
	for attribute, n := range b {
		both[attribute] += n
	}
	return both
}

// addExpression returns the update that adds, and enters its placeholders.
func addExpression(add map[string]int64, names map[string]string, values table.Item) string {
	parts := make([]string, 0, len(add))
	for i, attribute := range slices.Sorted(maps.Keys(add)) {
		name, value := fmt.Sprintf("#t%d", i), fmt.Sprintf(":t%d", i)
		names[name], values[value] = attribute, table.Number(add[attribute])
		parts = append(parts, name+" "+value)
	}
	return "ADD " + strings.Join(parts, ", ")
}

// blockPrefix is before the number of a block in the name of its tally.
const blockPrefix = "block"

// BlockName is the attribute that counts a block.
func BlockName(block int64) string { return blockPrefix + strconv.FormatInt(block, 10) }

// BlocksOf returns the numbers of the blocks that are counted, in order.
func BlocksOf(counts table.Item) []int64 {
	var blocks []int64
	for attribute := range counts {
		if number, ok := strings.CutPrefix(attribute, blockPrefix); ok {
			block, _ := strconv.ParseInt(number, 10, 64)
			blocks = append(blocks, block)
		}
	}
	slices.Sort(blocks)
	return blocks
}
