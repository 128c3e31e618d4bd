package store_test

import (
	"testing"
	"time"

	"postern/shared/store"
	"postern/shared/store/limits"
	"postern/shared/storetest"
)

// Fifty writers at once add what is theirs and one member that all add: each member counts once, no addition is lost.
func TestFiftyWritersLoseNothing(t *testing.T) {
	client, table := storetest.Open(t)
	const users, agents = "users", "agents"
	together(t, 50, func(i int) error {
		s := store.New(client, table, newClock().now) // a process for each
		members := []limits.Member{{Set: agents, ID: int64(i)}, {Set: users, ID: 1}, {Set: users, ID: int64(100 + i)}, {Set: users, ID: 1}}
		if err := s.AddMembers(t.Context(), members); err != nil {
			return err
		}
		var err error
		for range 5 { // DynamoDB Local gives up waiting on a busy machine, and has written nothing then
			if err = s.Count(t.Context(), map[string]int64{"a": int64(i), "b": 1, "zero": 0}); err == nil {
				break
			}
		}
		return err
	})
	s := store.New(client, table, newClock().now)
	totals, err := s.UsageTotals(t.Context())
	if err != nil || totals["a"] != 49*50/2 || totals["b"] != 50 || len(totals) != 2 {
		t.Errorf("totals %v, %v", totals, err)
	}
	items := 0
	for _, item := range contents(t, client, table) {
		if item["month"] != nil && item["week"] != nil && item["expires"] != nil {
			items++
		}
	}
	if items != 101 {
		t.Errorf("%d members are there, want 101", items)
	}
	month, week := limits.Periods(newClock().now())
	for _, period := range []string{month, week} {
		for set, want := range map[string]int64{users: 51, agents: 50} {
			if n, err := s.UniqueCount(t.Context(), set, period); err != nil || n != want {
				t.Errorf("%s in %s: %d, %v; want %d", set, period, n, err, want)
			}
		}
	}
}

// A member counts once in each week and month, also when those change apart, and whatever the process remembers.
func TestMembersByPeriod(t *testing.T) {
	for name, remember := range map[string]bool{"one process": true, "a process each time": false} {
		t.Run(name, func(t *testing.T) {
			client, table := storetest.Open(t)
			clock := newClock()
			s := store.New(client, table, clock.now)
			for _, day := range []time.Time{
				time.Date(2054, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2054, 1, 2, 23, 0, 0, 0, time.UTC),
				time.Date(2054, 1, 31, 0, 0, 0, 0, time.UTC), time.Date(2054, 2, 1, 0, 0, 0, 0, time.UTC),
				time.Date(2054, 1, 31, 23, 59, 59, 0, time.UTC), // of a clock that is behind
				time.Date(2054, 2, 2, 0, 0, 0, 0, time.UTC),
			} {
				clock.at.Store(day.Unix())
				if !remember {
					s = store.New(client, table, clock.now)
				}
				if err := s.AddMembers(t.Context(), []limits.Member{{Set: "x", ID: 5}}); err != nil {
					t.Fatal(err)
				}
			}
			for period, want := range map[string]int64{
				"2054-01": 1, "2054-02": 1, "2054-W01": 1, "2054-W05": 1, "2054-W02": 0, "2054-W06": 1,
			} {
				if n, err := s.UniqueCount(t.Context(), "x", period); err != nil || n != want {
					t.Errorf("%s: %d, %v; want %d", period, n, err, want)
				}
			}
		})
	}
}

// New members take one call for 25, known ones none, and those that another process added one more.
func TestMembersBudget(t *testing.T) {
	api, s := findings(t)
	other := store.New(api, api.table, newClock().now)
	members := func(n int) (all []limits.Member) {
		for i := range n {
			all = append(all, limits.Member{Set: "x", ID: int64(i)})
		}
		return all
	}
	for _, row := range []struct {
		name         string
		by           *store.Store
		add          int
		calls, items int64
	}{
		{"25 new ones, with the counts of month and week", s, 25, 1, 25 + 2},
		{"the same again", s, 25, 0, 0},
		{"25 more", s, 50, 1, 25 + 2},
		{"all that the other process added", other, 50, 2, 2 * (25 + 2)},
		{"they are known now", other, 50, 0, 0},
		{"one more", other, 51, 1, 1 + 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			api.calls.Store(0)
			api.items.Store(0)
			if err := row.by.AddMembers(t.Context(), members(row.add)); err != nil {
				t.Fatal(err)
			}
			if api.calls.Load() != row.calls || api.items.Load() != row.items {
				t.Errorf("%d calls of %d items, want %d of %d", api.calls.Load(), api.items.Load(), row.calls, row.items)
			}
		})
	}
}

// A transaction that is cut off adds nothing, or all of it, and the same again ends right.
func TestMembersAfterAFault(t *testing.T) {
	api, s := findings(t)
	var members []limits.Member
	for i := range 60 {
		members = append(members, limits.Member{Set: "x", ID: int64(i)})
	}
	api.left.Store(2)
	if err := s.AddMembers(t.Context(), members); err == nil {
		t.Fatal("no error")
	}
	api.left.Store(1 << 40)
	if err := s.AddMembers(t.Context(), members); err != nil {
		t.Fatal(err)
	}
	month, _ := limits.Periods(newClock().now())
	if n, err := s.UniqueCount(t.Context(), "x", month); err != nil || n != 60 {
		t.Errorf("%d members, %v; want 60", n, err)
	}
}
