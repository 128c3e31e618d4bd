package postreceive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/metrics"
	"postern/shared/store/agents"
	"postern/shared/store/pushes"
	"postern/shared/store/record"
	"postern/shared/table"
	"postern/shared/trace"
)

// Store is what the function asks of the table.
type Store interface {
	// LoadPush returns store.ErrMalformedPush for an item that is no push and never will be.
	LoadPush(context.Context, table.Item) (*gitlab.Push, error)
	LoadRepository(context.Context, gitlab.Repository) (record.Settings, *gitlab.Container, error)
	// SettleRepository asks head only where the table cannot know the default branch.
	SettleRepository(ctx context.Context, p *gitlab.Push, c *gitlab.Container, head pushes.HeadOf) error
	HeadSet(ctx context.Context, r gitlab.Repository, branch string) error
	ApplyPush(ctx context.Context, p *gitlab.Push, forced map[int]bool) error
	Published(context.Context, table.Key) (bool, error)
	MarkPublished(context.Context, table.Key) error
}

// Gitaly knows the commits of repositories; *gitaly.Client asks it.
type Gitaly interface {
	Ancestors(context.Context, gitlab.Storage, gitaly.Repository, []gitaly.Pair) ([]bool, error)
	// DefaultBranch returns "" for a repository without branches.
	DefaultBranch(context.Context, gitlab.Storage, gitaly.Repository) (string, error)
	SetHead(ctx context.Context, server gitlab.Storage, r gitaly.Repository, branch string) error
}

// Deps are what the function is made of.
type Deps struct {
	Store    Store
	Gitaly   Gitaly
	Events   Events
	Bus      string // name or ARN of the event bus
	Failures Failures
	Queue    string // URL of the queue that takes what can never be done
	Logger   *slog.Logger
	Metrics  metrics.Namespace // of the metrics in the log; none when empty
	Tracer   *trace.Tracer     // tells X-Ray of pushes; nil for nobody
	Now      func() time.Time
}

type handler struct {
	Deps
	silent map[string]bool // addresses of Gitaly that did not answer during this invocation
}

// New returns the function. Invoked with records of the table's stream, it answers which of them failed and are to be sent
// again; records that can never be done go to the queue of failures instead, so that they hold up nobody.
func New(d Deps) lambda.Handler { return handler{Deps: d} }

// errMalformed says that a record of the stream can never be done.
var errMalformed = errors.New("postreceive: malformed record")

// kinds are what the outbox has to tell of, by the attribute "kind" of its items.
var kinds = map[string]func(handler, context.Context, table.Key, table.Item) error{
	pushes.OutboxPush:       handler.push,
	agents.OutboxAgentEvent: handler.agentEvent,
}

// Invoke deals with the records of an event, each for itself.
func (h handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event struct {
		Records []json.RawMessage `json:"Records"`
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("postreceive: event: %w", err)
	}
	h.silent = map[string]bool{}
	answer := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, raw := range event.Records {
		if number, err := h.record(ctx, raw); err != nil {
			failure := events.DynamoDBBatchItemFailure{ItemIdentifier: number}
			answer.BatchItemFailures = append(answer.BatchItemFailures, failure)
		}
	}
	return json.Marshal(answer)
}

// place is what every record says of itself, even one of which nothing else can be read.
type place struct {
	EventID string `json:"eventID"`
	Change  struct {
		SequenceNumber string `json:"SequenceNumber"`
	} `json:"dynamodb"`
}

// record deals with one record, and returns its number and why it is to be sent again.
func (h handler) record(ctx context.Context, raw json.RawMessage) (number string, err error) {
	var at place
	_ = json.Unmarshal(raw, &at) // a record without a number cannot be asked for again, but it can be put aside
	var record events.DynamoDBEventRecord
	f := failure{EventID: at.EventID}
	if err := json.Unmarshal(raw, &record); err != nil {
		return at.Change.SequenceNumber, h.putAside(ctx, f, fmt.Errorf("%w: %w", errMalformed, err))
	}
	k := table.StreamKey(&record)
	if record.EventName != string(events.DynamoDBOperationTypeInsert) || !pushes.BeginsInOutbox(k) {
		return "", nil
	}
	f.PK, f.SK = k.PK, k.SK
	item, err := table.StreamItem(record.Change.NewImage)
	if err != nil {
		return at.Change.SequenceNumber, h.putAside(ctx, f, fmt.Errorf("%w: %w", errMalformed, err))
	}
	f.Kind = pushes.KindOf(item)
	err = fmt.Errorf("%w: unknown kind", errMalformed)
	if do := kinds[f.Kind]; do != nil {
		err = do(h, ctx, k, item)
	}
	if errors.Is(err, errMalformed) || errors.Is(err, pushes.ErrMalformedPush) || errors.Is(err, agents.ErrMalformedEvent) {
		err = h.putAside(ctx, f, err)
	}
	return at.Change.SequenceNumber, err
}
