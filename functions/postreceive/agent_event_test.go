package postreceive_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"postern/shared/store/agents"
)

// keepEvent puts an event around an agent into the outbox, and returns the record that the stream has of it.
func (w *worker) keepEvent(payload string) any {
	w.t.Helper()
	if err := w.Store.KeepAgentEvents(w.t.Context(), []agents.AgentEvent{{Name: "register_agent_at_kas", Payload: payload}}); err != nil {
		w.t.Fatal(err)
	}
	for _, values := range w.Table.All(w.t) {
		if values["payload"] == payload {
			return record("7", w.Table.Partition(w.t, values["pk"].(string))[0])
		}
	}
	w.t.Fatal("the event is not in the outbox")
	return nil
}

func TestAnAgentEventIsPublishedOnce(t *testing.T) {
	w := newWorker(t)
	event := w.keepEvent(`{"agent_id":3,"project_id":7}`)
	for range 2 {
		if failed := w.send(w, event, event); len(failed) != 0 {
			t.Fatalf("failed: %v; %s", failed, w.Log)
		}
	}
	if len(w.bus.sent) != 1 {
		t.Fatalf("published %v", w.bus.sent)
	}
	var got struct {
		ID    string           `json:"event_id"`
		Event string           `json:"event"`
		At    string           `json:"at"`
		Data  map[string]int64 `json:"data"`
	}
	if err := json.Unmarshal([]byte(w.bus.sent[0]), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID == "" || got.Event != "register_agent_at_kas" || got.At == "" || got.Data["agent_id"] != 3 || got.Data["project_id"] != 7 {
		t.Errorf("published %s", w.bus.sent[0])
	}
	if line := w.Log.String(); !strings.Contains(line, `"outcome":"published"`) || !strings.Contains(line, `"outcome":"repeated"`) {
		t.Errorf("log: %s", line)
	}
}

// A failed event is delivered again and does not affect the others of its batch.
func TestFailedAgentEventIsDeliveredAgain(t *testing.T) {
	rows := map[string]func(*faulty, *bus){
		"the bus refuses":        func(_ *faulty, b *bus) { b.refuse = 1 },
		"the table fails":        func(f *faulty, _ *bus) { f.published = errDown },
		"the mark does not last": func(f *faulty, _ *bus) { f.mark = errDown },
	}
	for name, fault := range rows {
		t.Run(name, func(t *testing.T) {
			w := newWorker(t)
			event := w.keepEvent(`{"project_id":7}`)
			broken := &faulty{Store: w.Store}
			fault(broken, w.bus)
			if failed := w.send(w.over(broken), event); !slices.Equal(failed, []string{"7"}) {
				t.Errorf("failed: %v, want the record", failed)
			}
			w.bus.refuse = 0
			if failed := w.send(w, event); len(failed) != 0 || len(w.bus.sent) == 0 {
				t.Errorf("the second time: failed %v, published %v", failed, w.bus.sent)
			}
		})
	}
}

func TestAnAgentEventThatIsNoneIsPutAside(t *testing.T) {
	w := newWorker(t)
	event := clone(t, w.keepEvent(`{"project_id":7}`))
	image := event["dynamodb"].(map[string]any)["NewImage"].(map[string]any)
	image["payload"] = map[string]any{"S": "{"}
	if failed := w.send(w, event); len(failed) != 0 || len(w.bus.sent) != 0 || len(w.queue.sent) != 1 {
		t.Errorf("failed %v, published %v, put aside %v", failed, w.bus.sent, w.queue.sent)
	}
	w.queue.fail = errors.New("no queue")
	if failed := w.send(w, event); !slices.Equal(failed, []string{"7"}) {
		t.Errorf("without a queue failed: %v, want the record", failed)
	}
}
