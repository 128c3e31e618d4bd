package store_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/pushes"
	"postern/shared/storetest"
)

var project7 = gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}

// leases are the pushes to project 7 of a table.
type leases struct {
	t     testing.TB
	store *store.Store
}

func newLeases(t testing.TB, now func() time.Time) leases {
	t.Helper()
	client, table := storetest.Open(t)
	return leases{t, store.New(client, table, now)}
}

func (l leases) begin(id string) {
	l.t.Helper()
	if err := l.store.BeginLease(l.t.Context(), project7.String(), id); err != nil {
		l.t.Errorf("begin: %v", err)
	}
}

// end accepts a push that nothing is like.
func (l leases) end(id string) {
	l.t.Helper()
	query := pushes.PostQuery{Repository: project7, RequestID: id}
	loaded, err := l.store.LoadPostContext(l.t.Context(), query)
	if err != nil {
		l.t.Errorf("load: %v", err)
		return
	}
	push := &pushes.AcceptedPush{
		Push:       gitlab.Push{Repository: project7, Identifier: fmt.Sprint(ends.Add(1)), RequestID: id, At: time.Now()},
		RawChanges: "", Ended: loaded.Ended,
	}
	if _, again, err := l.store.AcceptPush(l.t.Context(), push); err != nil || again {
		l.t.Errorf("end: again %t, %v", again, err)
	}
}

// ends makes every push another one.
var ends atomic.Int64

func (l leases) live() int {
	l.t.Helper()
	n, err := l.store.LiveLeases(l.t.Context(), project7.String())
	if err != nil {
		l.t.Errorf("live: %v", err)
	}
	return n
}

// presentClock begins now: the table takes items whose time is over by the machine's clock away.
func presentClock() *clock {
	c := newClock()
	c.at.Store(time.Now().Unix())
	return c
}

func TestLeases(t *testing.T) {
	later := func(c *clock, minutes int) { c.add(time.Duration(minutes) * time.Minute) }
	tests := []struct {
		name  string
		steps func(l leases, c *clock)
		want  int
	}{
		{"none", func(leases, *clock) {}, 0},
		{"one has begun", func(l leases, _ *clock) { l.begin("") }, 1},
		{"and ended", func(l leases, _ *clock) { l.begin(""); l.end("") }, 0},
		{"never below zero", func(l leases, _ *clock) { l.end(""); l.end(""); l.begin("") }, 1},
		{"named, ended by its name", func(l leases, _ *clock) { l.begin("a"); l.begin("b"); l.end("a") }, 1},
		{"two pushes of one id", func(l leases, _ *clock) { l.begin("a"); l.begin("a") }, 2},
		{"two pushes of one id, one ended", func(l leases, _ *clock) { l.begin("a"); l.begin("a"); l.end("a") }, 1},
		{"two pushes of one id, both ended", func(l leases, _ *clock) { l.begin("a"); l.begin("a"); l.end("a"); l.end("a") }, 0},
		{"a name that has not begun ends nothing", func(l leases, _ *clock) { l.begin("a"); l.end("b") }, 1},
		{"lost, ends by itself", func(l leases, c *clock) { l.begin(""); later(c, 10) }, 0},
		{"just before that", func(l leases, c *clock) { l.begin(""); later(c, 9) }, 1},
		{"a lost one takes nothing away on a busy repository", func(l leases, c *clock) {
			l.begin("")
			for range 10 {
				later(c, 2)
				l.begin("")
				l.end("")
			}
		}, 0},
		{"a push over ten minutes takes nothing away from others", func(l leases, c *clock) {
			l.begin("long")
			later(c, 11)
			l.begin("other")
			l.end("long")
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := presentClock()
			l := newLeases(t, c.now)
			tt.steps(l, c)
			if got := l.live(); got != tt.want {
				t.Errorf("%d alive, want %d", got, tt.want)
			}
		})
	}
}

// However many pushes are lost, the item stays small and later ones are counted.
func TestLeasesAreBounded(t *testing.T) {
	c := presentClock()
	l := newLeases(t, c.now)
	for i := range 1100 {
		l.begin(fmt.Sprint(i))
	}
	if got := l.live(); got != 1000 {
		t.Errorf("%d alive, want the bound of 1000", got)
	}
	c.add(time.Hour)
	l.begin("fresh")
	if got := l.live(); got != 1 {
		t.Errorf("%d alive, want the fresh one", got)
	}
}

// counter is what the leases of one repository should be like: a number that never falls below zero.
func counter() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return 0 },
		Step: func(state, input, output any) (bool, any) {
			n, _ := state.(int)
			switch input {
			case "begin":
				return true, n + 1
			case "end":
				return true, max(0, n-1)
			}
			return output == n, n
		},
	}
}

// history is what concurrent clients did to leases, and when.
type history struct {
	leases
	mu  sync.Mutex
	ops []porcupine.Operation
}

func (h *history) note(client int, what string, do func() int) {
	called := time.Now().UnixNano()
	output := do()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: what, Output: output, Call: called, Return: time.Now().UnixNano()})
}

// together lets n clients do something at once.
func (h *history) together(n int, do func(client int, id string)) {
	var all sync.WaitGroup
	for client := range n {
		id := "" // every other push goes by a name
		if client%2 == 0 {
			id = fmt.Sprint("push-", client)
		}
		all.Go(func() { do(client, id) })
	}
	all.Wait()
}

func (h *history) begins(client int, id string) {
	h.note(client, "begin", func() int { h.begin(id); return 0 })
}

func (h *history) finishes(client int, id string) {
	h.note(client, "end", func() int { h.end(id); return 0 })
}

func (h *history) counts(client int) int {
	n := 0
	h.note(client, "count", func() int { n = h.live(); return n })
	return n
}

// 200 pushes begin at once and end at once, and small groups begin, count and end across each other: there is an order of all
// of it in which every count is right.
func TestLeasesOf200Pushes(t *testing.T) {
	h := &history{leases: newLeases(t, time.Now)}
	h.together(200, h.begins)
	if got := h.counts(0); got != 200 {
		t.Errorf("%d alive, want 200", got)
	}
	h.together(200, h.finishes)
	if got := h.counts(0); got != 0 {
		t.Errorf("%d alive at the end", got)
	}
	for range 10 {
		h.together(6, func(client int, id string) {
			h.begins(client, id)
			h.counts(client)
			h.finishes(client, id)
		})
	}
	h.counts(0)
	if result := porcupine.CheckOperationsTimeout(counter(), h.ops, time.Minute); result != porcupine.Ok {
		t.Errorf("the history of %d operations is %s", len(h.ops), result)
	}
}

func TestAcceptedPushesAreKeptWhole(t *testing.T) {
	l := newLeases(t, time.Now)
	var lines strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&lines, "%040d %040x refs/heads/branch-%d\n", 0, i+1, i)
	}
	for name, raw := range map[string]string{"nothing": "", "one": lines.String()[:strings.IndexByte(lines.String(), '\n')], "many": lines.String()} {
		push := &pushes.AcceptedPush{
			Push:       gitlab.Push{Repository: project7, Identifier: name, At: time.Now(), MergeRequests: map[string]gitlab.ID{"x": 3}},
			RawChanges: raw, Messages: []pushes.PushMessage{{Text: "hello", Type: "basic"}},
		}
		if _, again, err := l.store.AcceptPush(t.Context(), push); err != nil || again {
			t.Fatalf("%s: again %t, %v", name, again, err)
		}
		messages, again, err := l.store.AcceptPush(t.Context(), push)
		if err != nil || !again || len(messages) != 1 || messages[0].Text != "hello" {
			t.Errorf("%s repeated: %v, again %t, %v", name, messages, again, err)
		}
	}
}
