package postreceive_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"postern/functions/postreceive"
	"postern/shared/gitlab"
	storerecord "postern/shared/store/record"
	"postern/shared/table"
)

func TestARecordThatCanNeverBeDoneIsPutAside(t *testing.T) {
	image := func(change func(image map[string]any)) func(map[string]any) {
		return func(c map[string]any) { change(c["NewImage"].(map[string]any)) }
	}
	rows := map[string]func(change map[string]any){
		"changes that are none": image(func(i map[string]any) { i["changes"] = map[string]any{"B": "eA=="} }),
		"no changes":            image(func(i map[string]any) { delete(i, "changes") }),
		"no kind":               image(func(i map[string]any) { delete(i, "kind") }),
		"a kind of the future":  image(func(i map[string]any) { i["kind"] = map[string]any{"S": "later"} }),
		"a missing part":        image(func(i map[string]any) { i["parts"] = map[string]any{"N": "2"} }),
		"an unknown repository": image(func(i map[string]any) { i["gl_repository"] = map[string]any{"S": "x"} }),
		"an image that is none": func(c map[string]any) { c["NewImage"] = 1 },
	}
	for name, change := range rows {
		t.Run(name, func(t *testing.T) {
			w := newWorker(t)
			first := w.accept("1", object("0")+" "+object("a")+" refs/heads/one")[0]
			poisoned := clone(t, w.accept("2", object("0")+" "+object("a")+" refs/heads/two")[0])
			last := w.accept("3", object("0")+" "+object("a")+" refs/heads/three")[0]
			change(poisoned["dynamodb"].(map[string]any))
			if failed := w.send(w, first, poisoned, last); len(failed) != 0 {
				t.Errorf("failed: %v", failed)
			}
			if len(w.bus.sent) != 2 || len(w.queue.sent) != 1 || w.target("refs/heads/three") == "" {
				t.Fatalf("published %v, put aside %v", w.bus.sent, w.queue.sent)
			}
			var told map[string]string
			if err := json.Unmarshal([]byte(w.queue.sent[0]), &told); err != nil || told["event_id"] != "event-2" || told["reason"] == "" || told["at"] == "" {
				t.Errorf("put aside: %s, %v", w.queue.sent[0], err)
			}
			w.queue.fail = errors.New("no queue")
			if failed := w.send(w, first, poisoned, last); !slices.Equal(failed, []string{"2"}) {
				t.Errorf("without a queue failed: %v, want the record", failed)
			}
		})
	}
}

// faulty is a store of which one part fails.
type faulty struct {
	postreceive.Store
	load, published, repository, apply, mark error
}

func (f *faulty) LoadPush(ctx context.Context, item table.Item) (*gitlab.Push, error) {
	if f.load != nil {
		return nil, f.load
	}
	return f.Store.LoadPush(ctx, item)
}

func (f *faulty) Published(ctx context.Context, k table.Key) (bool, error) {
	if f.published != nil {
		return false, f.published
	}
	return f.Store.Published(ctx, k)
}

func (f *faulty) LoadRepository(ctx context.Context, r gitlab.Repository) (storerecord.Settings, *gitlab.Container, error) {
	if f.repository != nil {
		return storerecord.Settings{}, nil, f.repository
	}
	return f.Store.LoadRepository(ctx, r)
}

func (f *faulty) ApplyPush(ctx context.Context, p *gitlab.Push, forced map[int]bool) error {
	if f.apply != nil {
		return f.apply
	}
	return f.Store.ApplyPush(ctx, p, forced)
}

func (f *faulty) MarkPublished(ctx context.Context, k table.Key) error {
	if f.mark != nil {
		return f.mark
	}
	return f.Store.MarkPublished(ctx, k)
}

// After a temporary failure the record is delivered again, and the second delivery completes the work.
func TestTemporaryFailuresAreDeliveredAgain(t *testing.T) {
	w := newWorker(t)
	rows := []struct {
		name      string
		fault     faulty
		refuse    int
		down      error
		published int // after the second time
	}{
		{"the push cannot be read", faulty{load: errDown}, 0, nil, 1},
		{"its item cannot be read", faulty{published: errDown}, 0, nil, 1},
		{"the repository cannot be read", faulty{repository: errDown}, 0, nil, 1},
		{"the effects cannot be written", faulty{apply: errDown}, 0, nil, 1},
		{"the bus is down", faulty{}, 0, errors.New("no bus"), 1},
		{"the bus takes no event", faulty{}, 1, nil, 1},
		{"the end cannot be noted", faulty{mark: errDown}, 0, nil, 2},
	}
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			ref := "refs/heads/b" + strconv.Itoa(i)
			record := w.accept("p"+strconv.Itoa(i), object("0")+" "+object("a")+" "+ref)[0]
			w.bus.sent, w.bus.refuse, w.bus.fail = nil, row.refuse, row.down
			row.fault.Store = w.Store
			if failed := w.send(w.over(&row.fault), record); !slices.Equal(failed, []string{"p" + strconv.Itoa(i)}) {
				t.Errorf("failed: %v, want the record", failed)
			}
			w.bus.fail = nil
			if failed := w.send(w, record); len(failed) != 0 || w.target(ref) != object("a") || len(w.bus.sent) != row.published {
				t.Errorf("again: failed %v, published %d times, want %d", failed, len(w.bus.sent), row.published)
			}
			if len(w.queue.sent) != 0 {
				t.Errorf("put aside: %v", w.queue.sent)
			}
		})
	}
}

func TestGitalyThatDoesNotAnswerHoldsUpNothing(t *testing.T) {
	w := newWorker(t)
	w.commits.fail = fmt.Errorf("no Gitaly: %w", context.DeadlineExceeded)
	first := w.accept("1", object("a")+" "+object("b")+" refs/heads/x")
	second := w.accept("2", object("a")+" "+object("b")+" refs/heads/y")
	if failed := w.send(w, append(first, second...)...); len(failed) != 0 {
		t.Errorf("failed: %v", failed)
	}
	if len(w.commits.asked) != 1 {
		t.Errorf("Gitaly was asked %d times in one invocation, want once", len(w.commits.asked))
	}
	if len(w.bus.sent) != 2 || strings.Contains(w.bus.sent[0]+w.bus.sent[1], "forced") || !strings.Contains(w.Log.String(), "no Gitaly") {
		t.Errorf("published %v, log %s", w.bus.sent, w.Log)
	}
}

func TestInvocationsAtOnce(t *testing.T) {
	w := newWorker(t)
	var records []any
	for i := range 6 {
		change := fmt.Sprintf("%s %s refs/heads/busy", object(strconv.Itoa(i)), object(strconv.Itoa(i+1)))
		records = append(records, w.accept("p"+strconv.Itoa(i), change)...)
	}
	var wait sync.WaitGroup
	for i := range records {
		for range 2 {
			wait.Go(func() {
				if failed := w.send(w.over(w.Store), records[i]); len(failed) != 0 {
					t.Errorf("failed: %v", failed)
				}
			})
		}
	}
	wait.Wait()
	if got := w.target("refs/heads/busy"); got != object("6") {
		t.Errorf("the ref is at %q", got)
	}
}
