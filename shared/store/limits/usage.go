package limits

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"postern/shared/table"
)

// usageShards is over how many items a counter is spread: 5,000 requests a second are some 160 for each.
const usageShards = 32

// Count adds to usage counters in one atomic write, which is never repeated here. A report therefore counts at most once. A client
// that repeats it n times after lost answers adds it at most n times more.
func (s *Limits) Count(ctx context.Context, counters map[string]int64) error {
	names, values := map[string]string{}, table.Item{}
	var adds []string
	for i, name := range slices.Sorted(maps.Keys(counters)) {
		// Nothing to add, and DynamoDB would make an attribute of it.
		if counters[name] == 0 {
			continue
		}
		at := fmt.Sprintf("c%d", i)
		names["#"+at], values[":"+at] = name, table.Number(counters[name])
		adds = append(adds, "#"+at+" :"+at)
	}
	if len(adds) == 0 {
		return nil
	}
	return s.db.Write(ctx, table.Write{
		Verb: table.Update, Once: true,
		Key:    usageKey(rand.IntN(usageShards)), //nolint:gosec // spreads load only
		Update: "ADD " + strings.Join(adds, ", "), Names: names, Values: values,
	})
}

// UsageTotals returns all usage counters by name, summed over their shards, in one call.
func (s *Limits) UsageTotals(ctx context.Context) (map[string]int64, error) {
	keys := make([]table.Key, usageShards)
	for n := range keys {
		keys[n] = usageKey(n)
	}
	items, err := s.db.Get(ctx, keys)
	if err != nil {
		return nil, err
	}
	totals := map[string]int64{}
	// Not at one moment: the shards are read while they are counted on, and a sum needs no more.
	for _, item := range items {
		for name := range item {
			if name != "pk" && name != "sk" {
				totals[name] += table.Integer(item, name)
			}
		}
	}
	return totals, nil
}
