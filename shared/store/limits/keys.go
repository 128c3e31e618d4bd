package limits

import (
	"strconv"

	"postern/shared/table"
)

// Usage counters are spread over shards. Each member of a unique set has a partition of its own. Their counts for a month or week
// are spread over shards as well.

func usageKey(shard int) table.Key {
	return table.Key{PK: "usage#" + strconv.Itoa(shard), SK: "counters"}
}

func memberKey(m Member) table.Key {
	return table.Key{PK: "unique#" + m.Set + "#" + table.ID(m.ID), SK: "member"}
}

func memberCountKey(set, period string, shard int) table.Key {
	return table.Key{PK: "uniquecount#" + set + "#" + period + "#" + strconv.Itoa(shard), SK: "count"}
}
