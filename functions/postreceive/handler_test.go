package postreceive_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
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
		"gl_repository": "project-7", "project_id": "7", "project_path": "acme/app", "user_id": "12",
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

func TestAPayloadThatIsNoEvent(t *testing.T) {
	w := newWorker(t)
	if answer, err := w.Invoke(t.Context(), []byte("[")); err == nil {
		t.Errorf("answer %s", answer)
	}
}

// An event omits options that would fill it, and has the rest.
func TestEventOmitsLargeOptions(t *testing.T) {
	w := newWorker(t)
	option := "ci.variable=" + strings.Repeat("x", 250<<10)
	if failed := w.send(w, w.accept("1", object("0")+" "+object("a")+" refs/heads/x", option)...); len(failed) != 0 {
		t.Fatalf("failed: %v", failed)
	}
	if event := w.bus.sent[0]; len(event) > 4096 || !strings.Contains(event, `"push_options":null`) || !strings.Contains(event, "refs/heads/x") {
		t.Errorf("event %.300s", event)
	}
}
