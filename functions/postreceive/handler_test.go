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
	"postern/shared/store"
)

func TestAPushIsAppliedAndPublished(t *testing.T) {
	w := newWorker(t)
	changes := object("0") + " " + object("a") + " refs/heads/new\n" +
		object("a") + " " + object("b") + " refs/heads/forward\n" +
		object("c") + " " + object("b") + " refs/heads/back\n" +
		object("c") + " " + object("0") + " refs/tags/gone"
	if failed := w.send(w, w.accept("1", changes, "ci.skip", "ci.variable=A=1")...); len(failed) != 0 {
		t.Fatalf("failed: %v; %s", failed, w.Log)
	}
	if got := w.target("refs/heads/back"); got != object("b") {
		t.Errorf("the ref is at %q", got)
	}
	if len(w.commits.asked) != 1 || len(w.commits.asked[0]) != 2 {
		t.Errorf("Gitaly was asked %v, want two pairs at once", w.commits.asked)
	}
	if len(w.bus.sent) != 1 {
		t.Fatalf("published %v", w.bus.sent)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(w.bus.sent[0]), &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"push_id": "1", "gl_repository": "project-7", "project_id": "7", "project_path": "acme/app", "user_id": "12",
		"identifier": "user-12", "request_id": "r-1", "push_options": "map[ci:map[skip:true variable:[A=1]]]",
	} {
		if text := fmt.Sprint(got[name]); text != want {
			t.Errorf("%s = %s, want %s", name, text, want)
		}
	}
	var refs []string
	for _, one := range got["refs"].([]any) {
		ref := one.(map[string]any)
		refs = append(refs, fmt.Sprint(ref["ref"], " ", ref["action"], " ", ref["forced"]))
	}
	want := []string{
		"refs/heads/new created <nil>", "refs/heads/forward updated false", "refs/heads/back updated true", "refs/tags/gone removed <nil>",
	}
	if !slices.Equal(refs, want) {
		t.Errorf("refs %q, want %q", refs, want)
	}
	if line := w.Log.String(); !strings.Contains(line, `"outcome":"published"`) || !strings.Contains(line, `"container":"project-7"`) {
		t.Errorf("log: %s", line)
	}
}

func TestAPushThatComesAgainIsPublishedOnce(t *testing.T) {
	w := newWorker(t)
	records := w.accept("1", object("0")+" "+object("a")+" refs/heads/new")
	for range 3 {
		if failed := w.send(w, slices.Concat(records, records)...); len(failed) != 0 {
			t.Fatalf("failed: %v", failed)
		}
	}
	if len(w.bus.sent) != 1 {
		t.Errorf("published %d times", len(w.bus.sent))
	}
}

func TestRecordsThatAreNotForTheWorker(t *testing.T) {
	w := newWorker(t)
	good := w.accept("1", object("0")+" "+object("a")+" refs/heads/new")[0]
	rows := map[string]func(record, change map[string]any){
		"a change of an outbox item": func(r, _ map[string]any) { r["eventName"] = "MODIFY" },
		"an outbox item's end":       func(r, _ map[string]any) { r["eventName"] = "REMOVE" },
		"a further part": func(_, c map[string]any) {
			c["Keys"] = map[string]any{"pk": map[string]any{"S": "outbox#project-7"}, "sk": map[string]any{"S": "push#1#1"}}
		},
		"an item of another kind": func(_, c map[string]any) {
			c["Keys"] = map[string]any{"pk": map[string]any{"S": "user#1"}, "sk": map[string]any{"S": "user"}}
		},
	}
	for name, change := range rows {
		t.Run(name, func(t *testing.T) {
			changed := clone(t, good)
			change(changed, changed["dynamodb"].(map[string]any))
			if failed := w.send(w, changed); len(failed) != 0 || len(w.bus.sent) != 0 || len(w.queue.sent) != 0 {
				t.Errorf("failed %v, published %v, put aside %v", failed, w.bus.sent, w.queue.sent)
			}
		})
	}
}

func clone(t *testing.T, record any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	var copied map[string]any
	if err := json.Unmarshal(raw, &copied); err != nil {
		t.Fatal(err)
	}
	return copied
}

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

func (f *faulty) LoadPush(ctx context.Context, item store.Item) (*gitlab.Push, error) {
	if f.load != nil {
		return nil, f.load
	}
	return f.Store.LoadPush(ctx, item)
}

func (f *faulty) Published(ctx context.Context, k store.Key) (bool, error) {
	if f.published != nil {
		return false, f.published
	}
	return f.Store.Published(ctx, k)
}

func (f *faulty) LoadRepository(ctx context.Context, r gitlab.Repository) (store.Settings, *gitlab.Container, error) {
	if f.repository != nil {
		return store.Settings{}, nil, f.repository
	}
	return f.Store.LoadRepository(ctx, r)
}

func (f *faulty) ApplyPush(ctx context.Context, p *gitlab.Push, forced map[int]bool) error {
	if f.apply != nil {
		return f.apply
	}
	return f.Store.ApplyPush(ctx, p, forced)
}

func (f *faulty) MarkPublished(ctx context.Context, k store.Key) error {
	if f.mark != nil {
		return f.mark
	}
	return f.Store.MarkPublished(ctx, k)
}

// Whatever fails for now, the record is asked for again, and then everything is done as if nothing had been tried.
func TestWhatFailsForNowIsSentAgain(t *testing.T) {
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

func TestOtherRepositoriesArePublishedOnly(t *testing.T) {
	w := newWorker(t)
	for _, repository := range []string{"wiki-7", "snippet-31", "design-7", "group-20-wiki", "project-777"} {
		t.Run(repository, func(t *testing.T) {
			w.bus.sent = nil
			records := w.acceptIn(repository, "1", object("a")+" "+object("b")+" refs/heads/main")
			if failed := w.send(w, records...); len(failed) != 0 || len(w.bus.sent) != 1 {
				t.Errorf("failed %v, published %v", failed, w.bus.sent)
			}
			if len(w.commits.asked) != 0 {
				t.Errorf("Gitaly was asked %v", w.commits.asked)
			}
		})
	}
}

// Five thousand refs: some 220 calls, one question to Gitaly of 200 pairs, one event that fits.
func TestAPushOfFiveThousandRefs(t *testing.T) {
	w := newWorker(t)
	var changes strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&changes, "%s %s refs/heads/branch-%d\n", object("a"), object("b"), i)
	}
	if failed := w.send(w, w.accept("1", changes.String(), "ci.skip")...); len(failed) != 0 {
		t.Fatalf("failed: %v", failed)
	}
	var line struct {
		Calls int `json:"dynamodb_calls"`
	}
	if err := json.Unmarshal([]byte(w.Log.String()), &line); err != nil || line.Calls > 220 {
		t.Errorf("%d calls, %v", line.Calls, err)
	}
	if len(w.commits.asked) != 1 || len(w.commits.asked[0]) != 200 {
		t.Errorf("Gitaly was asked %d times", len(w.commits.asked))
	}
	var event struct {
		Refs      []any `json:"refs"`
		Truncated bool  `json:"refs_truncated"`
		Total     int   `json:"refs_total"`
	}
	if err := json.Unmarshal([]byte(w.bus.sent[0]), &event); err != nil || len(w.bus.sent[0]) > 256<<10 {
		t.Fatalf("event of %d bytes, %v", len(w.bus.sent[0]), err)
	}
	if !event.Truncated || event.Total != 5000 || len(event.Refs) < 1000 || len(event.Refs) >= 5000 {
		t.Errorf("%d refs of %d, truncated %v", len(event.Refs), event.Total, event.Truncated)
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

func TestAPayloadThatIsNoEvent(t *testing.T) {
	w := newWorker(t)
	if answer, err := w.Invoke(t.Context(), []byte("[")); err == nil {
		t.Errorf("answer %s", answer)
	}
}

// Options that fill an event are left out of it; the rest is told.
func TestAnEventHasRoom(t *testing.T) {
	w := newWorker(t)
	option := "ci.variable=" + strings.Repeat("x", 250<<10)
	if failed := w.send(w, w.accept("1", object("0")+" "+object("a")+" refs/heads/x", option)...); len(failed) != 0 {
		t.Fatalf("failed: %v", failed)
	}
	if event := w.bus.sent[0]; len(event) > 4096 || !strings.Contains(event, `"push_options":null`) || !strings.Contains(event, "refs/heads/x") {
		t.Errorf("event %.300s", event)
	}
}
