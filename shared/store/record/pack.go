package record

import "postern/shared/table"

// DynamoDB takes 100 items and 4 MB in a transaction. Independent changes are packed up to less than that, so that
// one that fails does not make many be repeated.
const (
	packedItems = 60
	packedBytes = 2 << 20
)

// packable returns how many of the sets, at least one, fit one transaction without meeting at an item.
func packable(sets [][]Change) int {
	written, checked := map[table.Key]bool{}, map[table.Key]bool{}
	items, bytes := 0, 0
	for n, set := range sets {
		ops, err := merged(set)
		if err != nil {
			return max(n, 1)
		}
		for _, op := range ops {
			// DynamoDB refuses a transaction that names an item twice, and a check must not be passed by a write beside it.
			if op.verb != check && op.add == nil && (written[op.key] || checked[op.key]) || op.verb == check && written[op.key] {
				return max(n, 1)
			}
			// For the key and the condition, roughly; the bound is half of what DynamoDB takes.
			bytes += table.Size(op.item) + 200
		}
		for _, op := range ops {
			if op.verb == check {
				checked[op.key] = true
			} else {
				written[op.key] = true
			}
		}
		if items += len(ops); n > 0 && (items > packedItems || bytes > packedBytes) {
			return n
		}
	}
	return len(sets)
}
