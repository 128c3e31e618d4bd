package postreceive_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"postern/functions/postreceive"
	"postern/shared/apitest"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/store/pushes"
	"postern/shared/table"
)

// bus keeps the published events, and rejects a given number of them.
type bus struct {
	mu     sync.Mutex
	refuse int
	fail   error
	sent   []string
}

func (b *bus) PutEvents(
	_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options),
) (*eventbridge.PutEventsOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return nil, b.fail
	}
	if b.refuse--; b.refuse >= 0 {
		code := "ThrottlingException"
		return &eventbridge.PutEventsOutput{FailedEntryCount: 1, Entries: []ebtypes.PutEventsResultEntry{{ErrorCode: &code}}}, nil
	}
	for _, entry := range in.Entries {
		told, known := map[string]string{"PushReceived": "push_id", "AgentEvent": "event_id"}[*entry.DetailType]
		if *entry.Source != "postern" || !known || !strings.Contains(*entry.Detail, `"`+told+`":"`) || *entry.EventBusName != "bus" {
			return nil, fmt.Errorf("entry %s %s on %s", *entry.Source, *entry.DetailType, *entry.EventBusName)
		}
		b.sent = append(b.sent, *entry.Detail)
	}
	return &eventbridge.PutEventsOutput{}, nil
}

// queue keeps its messages.
type queue struct {
	mu   sync.Mutex
	fail error
	sent []string
}

func (q *queue) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.fail != nil {
		return nil, q.fail
	}
	q.sent = append(q.sent, *in.MessageBody)
	return &sqs.SendMessageOutput{}, nil
}

// commits answers for Gitaly: which commits are ancestors of "b…".
type commits struct {
	mu    sync.Mutex
	fail  error
	asked [][]gitaly.Pair

	branch string   // the default branch
	heads  []string // repositories and branches that HEAD was set to
}

func (c *commits) Ancestors(_ context.Context, _ gitlab.Storage, _ gitaly.Repository, pairs []gitaly.Pair) ([]bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, pairs)
	answers := make([]bool, len(pairs))
	for i := range pairs {
		answers[i] = pairs[i].Ancestor == object("a")
	}
	return answers, c.fail
}

func (c *commits) DefaultBranch(context.Context, gitlab.Storage, gitaly.Repository) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.branch, c.fail
}

func (c *commits) SetHead(_ context.Context, _ gitlab.Storage, r gitaly.Repository, branch string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail == nil {
		c.heads = append(c.heads, r.GLRepository+" "+branch)
	}
	return c.fail
}

// worker is the function over a table with the directory of the behavior cases.
type worker struct {
	apitest.Deps
	lambda.Handler
	t       testing.TB
	bus     *bus
	queue   *queue
	commits *commits
}

func newWorker(t testing.TB) *worker {
	t.Helper()
	w := &worker{Deps: apitest.NewDeps(t, apitest.Fixture()), t: t, bus: &bus{}, queue: &queue{}, commits: &commits{}}
	w.Handler = w.over(w.Store)
	return w
}

// over returns the function over another store.
func (w *worker) over(s postreceive.Store) lambda.Handler {
	return postreceive.New(postreceive.Deps{
		Store: s, Gitaly: w.commits, Events: w.bus, Bus: "bus", Failures: w.queue, Queue: "queue",
		Logger: slog.New(slog.NewJSONHandler(w.Log, nil)), Metrics: "Postern/test", Now: time.Now,
	})
}

func object(digit string) string { return strings.Repeat(digit, 40) }

// accept puts a push of Mia's into the outbox, and returns the records that the stream has of it.
func (w *worker) accept(id string, changes string, options ...string) []any {
	w.t.Helper()
	return w.acceptIn("project-7", id, changes, options...)
}

func (w *worker) acceptIn(repository, id, changes string, options ...string) []any {
	w.t.Helper()
	parsed, err := gitlab.ParseRepository(repository)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &pushes.AcceptedPush{RawChanges: changes, Push: gitlab.Push{
		Repository: parsed, Identifier: "user-12", UserID: 12, Options: options, RequestID: "r-" + id, At: time.Now(),
	}}
	if _, _, err := w.Store.AcceptPush(w.t.Context(), p); err != nil {
		w.t.Fatal(err)
	}
	pk, sk := "pk = :pk AND begins_with(sk, :sk)", "push#"+p.ID
	out, err := w.Table.Client.Query(w.t.Context(), &dynamodb.QueryInput{
		TableName: &w.Table.Name, KeyConditionExpression: &pk, ExpressionAttributeValues: table.Item{
			":pk": &types.AttributeValueMemberS{Value: "outbox#" + repository}, ":sk": &types.AttributeValueMemberS{Value: sk},
		},
	})
	if err != nil || len(out.Items) == 0 {
		w.t.Fatalf("outbox: %v", err)
	}
	records := make([]any, len(out.Items))
	for i := range out.Items {
		records[i] = record(id, out.Items[i])
	}
	return records
}

// record is the stream's record of a new item.
func record(number string, item table.Item) any {
	image := plain(item)
	return map[string]any{
		"eventID": "event-" + number, "eventName": "INSERT", "eventSource": "aws:dynamodb",
		"dynamodb": map[string]any{
			"SequenceNumber": number, "NewImage": image, "Keys": map[string]any{"pk": image["pk"], "sk": image["sk"]},
		},
	}
}

func plain(item table.Item) map[string]any {
	image := map[string]any{}
	for name, value := range item {
		image[name] = plainValue(value)
	}
	return image
}

func plainValue(value types.AttributeValue) any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": plain(v.Value)}
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i := range v.Value {
			list[i] = plainValue(v.Value[i])
		}
		return map[string]any{"L": list}
	}
	return nil
}

// send invokes a function with records and returns which of them failed.
func (w *worker) send(function lambda.Handler, records ...any) []string {
	w.t.Helper()
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := function.Invoke(w.t.Context(), payload)
	if err != nil {
		w.t.Fatalf("Invoke: %v", err)
	}
	var answer events.DynamoDBEventResponse
	if err := json.Unmarshal(raw, &answer); err != nil || !strings.HasPrefix(string(raw), `{"batchItemFailures":[`) {
		w.t.Fatalf("answer %s: %v", raw, err)
	}
	failed := []string{}
	for _, f := range answer.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

func (w *worker) target(ref string) string {
	w.t.Helper()
	target, _ := w.Table.Text(w.t, "project#7", "ref#"+ref, "target")
	return target
}

var errDown = &table.UnavailableError{Op: "BatchGetItem", Err: errors.New("throttled")}

// clone copies a record through its JSON.
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
