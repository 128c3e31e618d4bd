package store_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
	"postern/shared/store"
	"postern/shared/storetest"
)

// object makes an id of an object of a digit; "0" stands for none.
func object(digit string) string { return strings.Repeat(digit, 40) }

func changed(ref, before, after string) gitlab.Change {
	return gitlab.Change{Ref: ref, Old: object(before), New: object(after)}
}

// pushed is a push of Ann's to project 7.
func pushed(id string, at time.Time, changes ...gitlab.Change) *gitlab.Push {
	return &gitlab.Push{
		ID: id, Repository: gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}, Identifier: "user-1", UserID: 1,
		Changes: changes, RequestID: "request-" + id, At: at,
	}
}

// pushTable is a table with the small directory.
type pushTable struct {
	*store.Store
	t      *testing.T
	client *dynamodb.Client
	table  string
	now    *clock
}

func newPushTable(t *testing.T) *pushTable {
	t.Helper()
	client, table := storetest.Open(t)
	now := newClock()
	now.at.Store(time.Now().Unix()) // DynamoDB Local removes what ran out by its own clock
	s := store.New(client, table, now.now)
	loadInto(t, s, small)
	return &pushTable{Store: s, t: t, client: client, table: table, now: now}
}

func (p *pushTable) apply(push *gitlab.Push) {
	p.t.Helper()
	if err := p.ApplyPush(p.t.Context(), push, nil); err != nil {
		p.t.Fatalf("ApplyPush: %v", err)
	}
}

func (p *pushTable) item(pk, sk string) store.Item {
	p.t.Helper()
	consistent := true
	out, err := p.client.GetItem(p.t.Context(), &dynamodb.GetItemInput{
		TableName: &p.table, ConsistentRead: &consistent,
		Key: store.Item{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return out.Item
}

// target is where the table has a ref of project 7, "" for nowhere.
func (p *pushTable) target(ref string) string {
	p.t.Helper()
	target, _ := p.item("project#7", "ref#"+ref)["target"].(*types.AttributeValueMemberS)
	if target == nil || gitlab.Blank(target.Value) {
		return ""
	}
	return target.Value
}

func (p *pushTable) events() []store.PushEvent {
	p.t.Helper()
	list, err := p.PushEvents(p.t.Context(), 7, time.Time{}, p.now.now().Add(time.Hour), 10_000)
	if err != nil {
		p.t.Fatalf("PushEvents: %v", err)
	}
	return list
}

func (p *pushTable) project() *gitlab.Project {
	p.t.Helper()
	_, found, err := p.LoadRepository(p.t.Context(), gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7})
	if err != nil || found == nil {
		p.t.Fatalf("LoadRepository = %v, %v", found, err)
	}
	return found.Project
}

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

func TestPushesAtOnce(t *testing.T) {
	p := newPushTable(t)
	const ref = "refs/heads/busy"
	digits := "0123456789"
	var wait sync.WaitGroup
	errs := make(chan error, 2*len(digits))
	for i := range len(digits) - 1 {
		push := pushed("p"+strconv.Itoa(i), p.now.now(), changed(ref, digits[i:i+1], digits[i+1:i+2]))
		for range 2 {
			wait.Go(func() { errs <- p.ApplyPush(t.Context(), push, nil) })
		}
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	item := p.item("project#7", "ref#"+ref)
	if p.target(ref) != object("9") || item["pending"] != nil || len(p.events()) != 9 {
		t.Errorf("%v, %d events", item, len(p.events()))
	}
}

// A push that fails at any of its calls is applied by the next attempt as if it had not been tried.
func TestAPushThatFailsInBetween(t *testing.T) {
	p := newPushTable(t)
	loadInto(t, p.Store, `{"projects":[{"id":7,"empty_repo":true}]}`)
	throttled := &types.ProvisionedThroughputExceededException{}
	for calls := 0; ; calls++ {
		ref := "refs/heads/" + strconv.Itoa(calls)
		push := pushed("p"+strconv.Itoa(calls), p.now.now(), changed(ref, "0", "a"))
		s := store.New(&broken{API: p.client, left: calls, err: throttled}, p.table, p.now.now)
		err := s.ApplyPush(t.Context(), push, nil)
		var down *store.UnavailableError
		if err != nil && !errors.As(err, &down) {
			t.Fatalf("after %d calls: %v, want an UnavailableError", calls, err)
		}
		p.apply(push)
		if p.target(ref) != object("a") {
			t.Errorf("after %d calls the ref is not there", calls)
		}
		if err == nil {
			break
		}
	}
	if p.project().EmptyRepo {
		t.Error("the repository is empty still")
	}
}

func TestOutboxItemsAreMarkedOnce(t *testing.T) {
	p := newPushTable(t)
	push := pushed("1", p.now.now(), changed("refs/heads/a", "0", "a"))
	accepted := &store.AcceptedPush{Push: *push, RawChanges: object("0") + " " + object("a") + " refs/heads/a"}
	if _, _, err := p.AcceptPush(t.Context(), accepted); err != nil {
		t.Fatal(err)
	}
	k := store.Key{PK: "outbox#project-7", SK: "push#1"}
	for _, want := range []bool{false, true, true} {
		got, err := p.Published(t.Context(), k)
		if err != nil || got != want {
			t.Errorf("Published = %v, %v; want %v", got, err, want)
		}
		if err := p.MarkPublished(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.MarkPublished(context.Background(), store.Key{PK: "outbox#project-7", SK: "push#none"}); err != nil {
		t.Errorf("an item that has run out: %v", err)
	}
	if item := p.item("outbox#project-7", "push#none"); item != nil {
		t.Errorf("it is there again: %v", item)
	}
}
