package lookup

import "postern/shared/table"

// ChainHint returns the namespaces above an item's record at its last write, the top-level one first.
func ChainHint(item table.Item) []int64 {
	if table.Elements(item, "chain") == nil {
		return nil
	}
	var out []int64
	if err := table.DecodeValue(item["chain"], &out); err != nil {
		return nil // a hint only
	}
	return out
}
