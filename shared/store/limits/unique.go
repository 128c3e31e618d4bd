package limits

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"postern/shared/table"
)

// Member is a number in a unique set, such as the users who did something in a month.
type Member struct {
	Set string
	ID  int64
}

const (
	membersTogether = 25                  // new members in one transaction
	memberKept      = 70 * 24 * time.Hour // longer than a month and a week last
)

// counted is the latest month and ISO week, UTC, that a member is counted in: "2026-11" and "2026-W48", "" for none. Later
// ones sort after earlier ones.
type counted struct{ month, week string }

// Periods returns the names of the month and of the ISO week that a time lies in, UTC: "2026-11", "2026-W48".
func Periods(at time.Time) (month, week string) {
	at = at.UTC()
	year, n := at.ISOWeek()
	return at.Format("2006-01"), fmt.Sprintf("%d-W%02d", year, n)
}

// through reports whether a member that is counted so far need not be counted in a month and week.
func (c counted) through(now counted) bool { return c.month >= now.month && c.week >= now.week }

// AddMembers puts members into their sets of the present month and week. It is idempotent and exact: a member is written together
// with its count, 25 in a transaction, on the condition that it is new. Its cost does not grow with the set. A member that this
// process knows to be counted costs nothing.
func (s *Limits) AddMembers(ctx context.Context, members []Member) error {
	var now counted
	now.month, now.week = Periods(s.db.Now())
	members = slices.Clone(members)
	// Sorted, so that those which are given twice lie side by side.
	slices.SortFunc(members, func(a, b Member) int { return table.Key.Compare(memberKey(a), memberKey(b)) })
	var fresh []Member
	for _, m := range slices.Compact(members) {
		if was, _ := s.hints.members.Get(m); !was.through(now) {
			fresh = append(fresh, m)
		}
	}
	for part := range slices.Chunk(fresh, membersTogether) {
		if err := s.addTogether(ctx, part, now); err != nil {
			return err
		}
	}
	return nil
}

// addTogether adds members in one transaction. Where some are there already it learns which, and writes those that are left.
func (s *Limits) addTogether(ctx context.Context, members []Member, now counted) error {
	was := make(map[Member]counted, len(members))
	for _, m := range members {
		was[m], _ = s.hints.members.Get(m)
	}
	for len(members) > 0 {
		err := s.db.Transact(ctx, s.additions(members, was, now))
		if err == nil {
			for _, m := range members {
				// Never untrue again in this month and week, so it may be remembered.
				s.hints.members.Add(m, now)
			}
			return nil
		}
		failed := table.FailedConditions(err)
		if failed == nil {
			return err
		}
		members = s.stillMissing(members, was, now, failed)
	}
	return nil
}

// stillMissing drops the members that a failed transaction found to be counted, and notes the periods of the others.
func (s *Limits) stillMissing(members []Member, was map[Member]counted, now counted, failed map[int]table.Item) []Member {
	var left []Member
	for i, m := range members {
		if found, ok := failed[i]; ok {
			was[m] = counted{month: table.Text(found, "month"), week: table.Text(found, "week")}
		}
		if was[m].through(now) {
			s.hints.members.Add(m, was[m])
			continue
		}
		left = append(left, m)
	}
	return left
}

// additions are the writes of members, in their order, and after them those of the counts that they add to. The counts lie
// on a shard by chance, another one each time, so that those that collide do so once.
func (s *Limits) additions(members []Member, was map[Member]counted, now counted) []table.Write {
	items := make([]table.Write, 0, 2*len(members))
	added := map[table.Key]int64{}
	shard := rand.IntN(usageShards) //nolint:gosec // spreads load only
	for _, m := range members {
		items = append(items, s.memberWrite(m, was[m], now))
		if was[m].month < now.month {
			added[memberCountKey(m.Set, now.month, shard)]++
		}
		if was[m].week < now.week {
			added[memberCountKey(m.Set, now.week, shard)]++
		}
	}
	for k, n := range added {
		items = append(items, table.Write{Verb: table.Update, Key: k, Update: "ADD n :n", Values: table.Item{":n": table.Number(n)}})
	}
	return items
}

// memberWrite counts a member in the periods without it, if that is still true. A slow clock finds it in a later period, and
// leaves it there.
func (s *Limits) memberWrite(m Member, was, now counted) table.Write {
	sets, conditions := []string{"expires = :expires"}, []string(nil)
	names, values := map[string]string{}, table.Item{":expires": table.Number(s.db.Now().Add(memberKept).Unix())}
	for _, period := range []struct{ name, was, now string }{{"month", was.month, now.month}, {"week", was.week, now.week}} {
		if period.was < period.now {
			names["#"+period.name], values[":"+period.name] = period.name, table.String(period.now)
			sets = append(sets, "#"+period.name+" = :"+period.name)
			conditions = append(conditions, fmt.Sprintf("(attribute_not_exists(#%[1]s) OR #%[1]s < :%[1]s)", period.name))
		}
	}
	return table.Write{
		Verb: table.Update, Key: memberKey(m), Update: "SET " + strings.Join(sets, ", "), If: strings.Join(conditions, " AND "),
		Names: names, Values: values, Report: true,
	}
}

// UniqueCount returns how many members a set has in a month or week (Periods), without reading them.
func (s *Limits) UniqueCount(ctx context.Context, set, period string) (int64, error) {
	keys := make([]table.Key, usageShards)
	for n := range keys {
		keys[n] = memberCountKey(set, period, n)
	}
	items, err := s.db.Get(ctx, keys)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for _, item := range items {
		total += table.Integer(item, "n")
	}
	return total, nil
}
