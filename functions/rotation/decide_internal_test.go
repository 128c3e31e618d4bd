package rotation

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestDecideActivation(t *testing.T) {
	const day = 24 * time.Hour
	rows := []struct {
		name string
		v    versions
		age  time.Duration
		want outcome
	}{
		{"no pending version", versions{current: "b", previous: "a"}, day, done},
		{"the pending version is the current one", versions{pending: "b", current: "b", previous: "a"}, day, done},
		{"the first version", versions{pending: "a"}, 0, turned},
		{"before the hand-over time", versions{pending: "b", current: "a"}, day - 1, waiting},
		{"after the hand-over time, without a previous version", versions{pending: "b", current: "a"}, day, turned},
		{"clients may use the previous version", versions{pending: "c", current: "b", previous: "a"}, 90 * day, held},
		{"an older confirmation", versions{pending: "c", current: "b", previous: "a", handedOver: "a"}, day, held},
		{"all clients use the current version", versions{pending: "c", current: "b", previous: "a", handedOver: "b"}, day, turned},
		{"before the hand-over time with a confirmation", versions{pending: "c", current: "b", previous: "a", handedOver: "b"}, 0, waiting},
		{"all clients use the pending version", versions{pending: "c", current: "b", previous: "a", handedOver: "c"}, 0, turned},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := row.v.decide(start, start.Add(row.age), day); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

// In any order of rotations, time and confirmations, no version is dropped while a client uses it.
func TestDecideKeepsUsedVersions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const handOver = time.Hour
		v, made, now := versions{current: "a"}, start, start
		clients := []string{"a", "a", "a"} // the versions that they use
		for next := 'b'; next < 'z'; {
			switch rapid.IntRange(0, 3).Draw(t, "event") {
			case 0: // a rotation starts, unless one is running
				if v.pending == "" || v.pending == v.current {
					v.pending, made = string(next), now
					next++
				}
			case 1:
				now = now.Add(rapid.SampledFrom([]time.Duration{time.Minute, handOver, 100 * handOver}).Draw(t, "duration"))
			case 2: // one client gets the newest version
				if client := rapid.IntRange(0, 2).Draw(t, "client"); v.pending != "" {
					clients[client] = v.pending
				}
			case 3: // an operator confirms a version that all clients use
				if clients[0] == clients[1] && clients[1] == clients[2] && v.has(clients[0]) {
					v.handedOver = clients[0]
				}
			}
			if v.decide(made, now, handOver) == turned {
				v.previous, v.current = v.current, v.pending
			}
			for _, held := range clients {
				if !v.has(held) {
					t.Fatalf("a client uses %s, existing: %+v", held, v)
				}
			}
		}
	})
}
