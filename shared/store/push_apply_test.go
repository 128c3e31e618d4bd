package store_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
)

func TestPushesInAnyOrderAndAgain(t *testing.T) {
	p := newPushTable(t)
	orders := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}, {1, 1, 0, 0, 2, 1, 2}, {2, 2, 2, 0, 1}}
	for i, order := range orders {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			ref := "refs/heads/b" + strconv.Itoa(i)
			pushes := []*gitlab.Push{
				pushed(ref+"-0", p.now.now(), changed(ref, "0", "a")),
				pushed(ref+"-1", p.now.now().Add(time.Second), changed(ref, "a", "0")),
				pushed(ref+"-2", p.now.now().Add(2*time.Second), changed(ref, "0", "b")),
			}
			before := len(p.events())
			for _, n := range order {
				p.apply(pushes[n])
			}
			if got := p.target(ref); got != object("b") {
				t.Errorf("the ref is at %q", got)
			}
			if got := len(p.events()) - before; got != 3 {
				t.Errorf("%d events, want 3", got)
			}
		})
	}
}

func TestDeletedRefs(t *testing.T) {
	p := newPushTable(t)
	const ref = "refs/heads/x"
	p.apply(pushed("1", p.now.now(), changed(ref, "0", "a")))
	p.apply(pushed("2", p.now.now(), changed(ref, "a", "0")))
	if item := p.item("project#7", "ref#"+ref); item != nil {
		t.Errorf("a ref that is gone has an item: %v", item)
	}
	const other = "refs/heads/y"
	p.apply(pushed("3", p.now.now(), changed(other, "b", "0")))
	item := p.item("project#7", "ref#"+other)
	if p.target(other) != "" || item["expires"] == nil {
		t.Errorf("with a gap before its end: %v, want no target, for a while", item)
	}
	tips, err := p.LoadProtectedTips(t.Context(), 7, []gitlab.ProtectedBranch{{Name: "*"}, {Name: "y"}})
	if err != nil || len(tips) != 0 {
		t.Errorf("tips = %v, %v", tips, err)
	}
	loadInto(t, p.Store, `{"refs":[{"project_id":7,"ref":"refs/heads/y","target":"`+object("c")+`"}]}`)
	if item := p.item("project#7", "ref#"+other); p.target(other) != object("c") || item["expires"] != nil {
		t.Errorf("brought back by a document: %v, want no end", item)
	}
}

// A document says where a ref is, whatever pushes have told before.
func TestPushesAfterADocument(t *testing.T) {
	p := newPushTable(t)
	const ref = "refs/heads/main"
	p.apply(pushed("1", p.now.now(), changed(ref, "8", "9")))
	loadInto(t, p.Store, `{"refs":[{"project_id":7,"ref":"`+ref+`","target":"`+object("a")+`"}]}`)
	p.apply(pushed("2", p.now.now(), changed(ref, "a", "b")))
	item := p.item("project#7", "ref#"+ref)
	if got := p.target(ref); got != object("b") || item["pending"] != nil {
		t.Errorf("the ref is at %s, pending %v", got, item["pending"])
	}
}

func TestPushEvents(t *testing.T) {
	p := newPushTable(t)
	at := p.now.now()
	forced := map[int]bool{1: true, 2: false}
	push := pushed("1", at, changed("refs/heads/a", "0", "a"), changed("refs/heads/b", "a", "b"), changed("refs/tags/\xff", "b", "c"), changed("refs/heads/d", "c", "0"))
	if err := p.ApplyPush(t.Context(), push, forced); err != nil {
		t.Fatal(err)
	}
	p.apply(pushed("2", at.Add(time.Second), changed("refs/heads/a", "a", "b")))
	events := p.events()
	want := []string{"created <nil> refs/heads/a", "updated true refs/heads/b", "updated false refs/tags/\xff", "removed <nil> refs/heads/d", "updated <nil> refs/heads/a"}
	for i, e := range events {
		known := "<nil>"
		if e.Forced != nil {
			known = strconv.FormatBool(*e.Forced)
		}
		if got := fmt.Sprintf("%s %s %s", e.Action, known, e.Ref); i >= len(want) || got != want[i] {
			t.Errorf("event %d: %q", i, got)
		}
	}
	if e := events[0]; e.PushID != "1" || e.UserID != 1 || e.Identifier != "user-1" || e.RequestID != "request-1" || !e.At.Equal(at) {
		t.Errorf("event %+v", e)
	}
	for _, row := range []struct {
		name     string
		from, to time.Time
		limit    int
		want     int
	}{
		{"all", at, at.Add(time.Minute), 10, 5},
		{"before a time that is left out", at, at.Add(time.Second), 10, 4},
		{"from a time on", at.Add(time.Millisecond), at.Add(time.Minute), 10, 1},
		{"no more than asked for", at, at.Add(time.Minute), 2, 2},
		{"none", at.Add(time.Minute), at.Add(time.Hour), 10, 0},
	} {
		got, err := p.PushEvents(t.Context(), 7, row.from, row.to, row.limit)
		if err != nil || len(got) != row.want {
			t.Errorf("%s: %d events, %v; want %d", row.name, len(got), err, row.want)
		}
	}
}

func TestPushesWithOddRefs(t *testing.T) {
	p := newPushTable(t)
	long := "refs/heads/" + strings.Repeat("x", 1500)
	p.apply(pushed("1", p.now.now(), changed(long, "0", "a"), changed("refs/heads/a", "0", "a"), changed("refs/heads/a", "a", "b")))
	if got := p.target("refs/heads/a"); got != object("b") {
		t.Errorf("a ref that is named twice is at %q", got)
	}
	if got := len(p.events()); got != 3 {
		t.Errorf("%d events, want 3", got)
	}
}

func TestAProjectThatIsGoneHasNoEffects(t *testing.T) {
	p := newPushTable(t)
	push := pushed("1", p.now.now(), changed("refs/heads/a", "0", "a"))
	push.Repository.ID = 777
	p.apply(push)
	if item := p.item("project#777", "ref#refs/heads/a"); item != nil {
		t.Errorf("a ref without project: %v", item)
	}
}

// Many refs take two calls for each 48 of them. They take no more when they come again.
func TestAPushOfManyRefs(t *testing.T) {
	p := newPushTable(t)
	changes := make([]gitlab.Change, 1000)
	for i := range changes {
		changes[i] = changed("refs/tags/v"+strconv.Itoa(i), "0", "a")
	}
	push := pushed("1", p.now.now(), changes...)
	const batches, beside = (1000 + 47) / 48, 2
	for range 2 {
		record := &requestlog.Record{}
		if err := p.ApplyPush(requestlog.With(t.Context(), record), push, nil); err != nil {
			t.Fatal(err)
		}
		if want := 2*batches + beside; record.Calls() != want {
			t.Errorf("%d calls, want %d", record.Calls(), want)
		}
	}
	if got := len(p.events()); got != 1000 {
		t.Errorf("%d events", got)
	}
}
