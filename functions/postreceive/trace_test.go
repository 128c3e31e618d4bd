package postreceive_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"postern/functions/postreceive"
	"postern/shared/trace/tracetest"
)

// The trace of the worker is found by the id of the push's post_receive.
func TestPushesAreTracedByTheirRequest(t *testing.T) {
	w, d := newWorker(t), tracetest.Listen(t)
	function := postreceive.New(postreceive.Deps{
		Store: w.Store, Gitaly: w.commits, Events: w.bus, Bus: "bus", Failures: w.queue, Queue: "queue",
		Logger: slog.New(slog.DiscardHandler), Tracer: d.Tracer("daemon"), Now: time.Now,
	})
	payload, err := json.Marshal(map[string]any{"Records": w.accept("1", object("0")+" "+object("a")+" refs/heads/new")})
	if err != nil {
		t.Fatal(err)
	}
	w.bus.refuse = 1
	for _, want := range []string{"failed", "published", "repeated"} {
		if _, err := function.Invoke(tracetest.In(t.Context(), tracetest.Kept), payload); err != nil {
			t.Fatal(err)
		}
		got := d.Document()
		annotations, _ := got["annotations"].(map[string]any)
		if got["name"] != "push" || annotations["request_id"] != "r-1" || annotations["push_id"] == "" || annotations["outcome"] != want {
			t.Errorf("%s: %v", want, got)
		}
		if fault := want == "failed"; (got["fault"] == true) != fault {
			t.Errorf("%s: %v", want, got)
		}
	}
}
