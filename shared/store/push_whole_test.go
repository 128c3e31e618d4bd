package store_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/store"
	"postern/shared/store/pushes"
	"postern/shared/table"
)

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
		err := processed(t, s, push)
		var down *table.UnavailableError
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
	accepted := &pushes.AcceptedPush{Push: *push, RawChanges: object("0") + " " + object("a") + " refs/heads/a"}
	if _, _, err := p.AcceptPush(t.Context(), accepted); err != nil {
		t.Fatal(err)
	}
	k := table.Key{PK: "outbox#project-7", SK: "push#" + accepted.ID}
	for _, want := range []bool{false, true, true} {
		got, err := p.Published(t.Context(), k)
		if err != nil || got != want {
			t.Errorf("Published = %v, %v; want %v", got, err, want)
		}
		if err := p.MarkPublished(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.MarkPublished(context.Background(), table.Key{PK: "outbox#project-7", SK: "push#none"}); err != nil {
		t.Errorf("an item that has run out: %v", err)
	}
	if item := p.item("outbox#project-7", "push#none"); item != nil {
		t.Errorf("it is there again: %v", item)
	}
}
