package rotation

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestJudge(t *testing.T) {
	const day = 24 * time.Hour
	rows := []struct {
		name string
		v    versions
		age  time.Duration
		want outcome
	}{
		{"nothing is pending", versions{current: "b", previous: "a"}, day, done},
		{"the pending version is the current one", versions{pending: "b", current: "b", previous: "a"}, day, done},
		{"the first version has nothing to wait for", versions{pending: "a"}, 0, turned},
		{"a version waits for its time", versions{pending: "b", current: "a"}, day - 1, waiting},
		{"its time has come, and nothing is put out", versions{pending: "b", current: "a"}, day, turned},
		{"clients may hold what is put out", versions{pending: "c", current: "b", previous: "a"}, 90 * day, held},
		{"an older confirmation does not help", versions{pending: "c", current: "b", previous: "a", handedOver: "a"}, day, held},
		{"all clients have left what is put out", versions{pending: "c", current: "b", previous: "a", handedOver: "b"}, day, turned},
		{"but it waits for its time all the same", versions{pending: "c", current: "b", previous: "a", handedOver: "b"}, 0, waiting},
		{"all clients have the pending version", versions{pending: "c", current: "b", previous: "a", handedOver: "c"}, 0, turned},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := row.v.judge(start, start.Add(row.age), day); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

// Whatever the order in which rotations begin, time passes and people confirm what their clients have, no version is put out
// that a client holds.
func TestNoVersionIsPutOutThatAClientHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const handOver = time.Hour
		v, made, now := versions{current: "a"}, start, start
		clients := []string{"a", "a", "a"} // the versions that they hold
		for next := 'b'; next < 'z'; {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0: // a rotation begins where none is going on
				if v.pending == "" || v.pending == v.current {
					v.pending, made = string(next), now
					next++
				}
			case 1:
				now = now.Add(rapid.SampledFrom([]time.Duration{time.Minute, handOver, 100 * handOver}).Draw(t, "passes"))
			case 2: // one client gets the newest version
				if client := rapid.IntRange(0, 2).Draw(t, "client"); v.pending != "" {
					clients[client] = v.pending
				}
			case 3: // all have the same: somebody says so
				if clients[0] == clients[1] && clients[1] == clients[2] && v.has(clients[0]) {
					v.handedOver = clients[0]
				}
			}
			if v.judge(made, now, handOver) == turned {
				v.previous, v.current = v.current, v.pending
			}
			for _, held := range clients {
				if !v.has(held) {
					t.Fatalf("a client holds %s, and there are %+v", held, v)
				}
			}
		}
	})
}
