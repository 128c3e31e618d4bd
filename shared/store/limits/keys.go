package limits

import (
	"strconv"

	"postern/shared/table"
)

// Usage counters, spread over shards; members of unique sets, each in a partition of its own; and how many there are in a
// month or week, spread likewise.

func usageKey(shard int) table.Key {
	return table.Key{PK: "usage#" + strconv.Itoa(shard), SK: "counters"}
}

func memberKey(m Member) table.Key {
	return table.Key{PK: "unique#" + m.Set + "#" + table.ID(m.ID), SK: "member"}
}

func memberCountKey(set, period string, shard int) table.Key {
	return table.Key{PK: "uniquecount#" + set + "#" + period + "#" + strconv.Itoa(shard), SK: "count"}
}
