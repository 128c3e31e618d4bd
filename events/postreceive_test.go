package events_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"postern/functions/postreceive"
	"postern/shared/gitaly"
)

// outside records the worker's events and failures.
type outside struct{ events, failures []any }

func (o *outside) PutEvents(
	_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options),
) (*eventbridge.PutEventsOutput, error) {
	for i := range in.Entries {
		var detail any
		if err := json.Unmarshal([]byte(*in.Entries[i].Detail), &detail); err != nil {
			return nil, err
		}
		o.events = append(o.events, detail)
	}
	return &eventbridge.PutEventsOutput{}, nil
}

func (o *outside) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	var failure struct {
		SK string `json:"sk"`
	}
	err := json.Unmarshal([]byte(*in.MessageBody), &failure)
	o.failures = append(o.failures, failure.SK)
	return &sqs.SendMessageOutput{}, err
}

// observer returns a function that reads the worker's results: from outside, or from the queues of a worker in a container.
func observer(t *testing.T) func(ours *outside) *outside {
	t.Helper()
	c := reached(t)
	if c == nil {
		return func(ours *outside) *outside { return ours }
	}
	o := observe(t, c)
	return func(*outside) *outside { return o.received() }
}

// The payloads of the table's stream, with the expected answers, published events and failures.
func TestEventsOfTheStream(t *testing.T) {
	deps := dependencies(t)
	names, err := filepath.Glob(filepath.Join("postreceive", "*.expected.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no events: %v", err)
	}
	results := observer(t)
	client := gitaly.New(gitaly.Options{})
	t.Cleanup(func() { _ = client.Close() })
	for _, name := range names {
		event := strings.TrimSuffix(name, ".expected.json")
		t.Run(event, func(t *testing.T) {
			var want struct {
				Body     json.RawMessage `json:"body"`
				Events   []any           `json:"events"`
				Failures []any           `json:"failures"`
			}
			if err := json.Unmarshal(read(t, name), &want); err != nil {
				t.Fatal(err)
			}
			out := &outside{events: []any{}, failures: []any{}}
			function := invoked("PostReceiveFunction", postreceive.New(postreceive.Deps{
				Store: deps.Store, Gitaly: client, Events: out, Bus: "bus", Failures: out, Queue: "queue",
				Logger: slog.New(slog.DiscardHandler), Now: deps.Now,
			}))
			answer, err := function.Invoke(t.Context(), read(t, event+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var body bytes.Buffer
			if err := json.Compact(&body, want.Body); err != nil || body.String() != string(answer) {
				t.Errorf("answer %s, want %s (%v)", answer, body.String(), err)
			}
			out = results(out)
			if !reflect.DeepEqual(out.events, want.Events) || !reflect.DeepEqual(out.failures, want.Failures) {
				t.Errorf("published %v, put aside %v", out.events, out.failures)
			}
		})
	}
}
