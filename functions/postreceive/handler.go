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

// Store is the part of the table that the function uses.
type Store interface {
	// LoadPush returns pushes.ErrMalformedPush for an item that is not a push.
	LoadPush(context.Context, table.Item) (*gitlab.Push, error)
	LoadRepository(context.Context, gitlab.Repository) (record.Settings, *gitlab.Container, error)
	// SettleRepository asks head only where the table cannot know the default branch.
	SettleRepository(ctx context.Context, p *gitlab.Push, c *gitlab.Container, head pushes.HeadOf) error
	HeadSet(ctx context.Context, r gitlab.Repository, branch string) error
	ApplyPush(ctx context.Context, p *gitlab.Push, forced map[int]bool) error
	Published(context.Context, table.Key) (bool, error)
	MarkPublished(context.Context, table.Key) error
}

// Gitaly has the repositories; *gitaly.Client implements it.
type Gitaly interface {
	Ancestors(context.Context, gitlab.Storage, gitaly.Repository, []gitaly.Pair) ([]bool, error)
	// DefaultBranch returns "" for a repository without branches.
	DefaultBranch(context.Context, gitlab.Storage, gitaly.Repository) (string, error)
	SetHead(ctx context.Context, server gitlab.Storage, r gitaly.Repository, branch string) error
}

// Deps are the dependencies of the function.
type Deps struct {
	Store    Store
	Gitaly   Gitaly
	Events   Events
	Bus      string // name or ARN of the event bus
	Failures Failures
	Queue    string // URL of the dead-letter queue
	Logger   *slog.Logger
	Metrics  metrics.Namespace // of the metrics in the log; empty for no metrics
	Tracer   *trace.Tracer     // sends pushes to X-Ray; nil for no trace
	Now      func() time.Time
}

type handler struct {
	Deps
	silent map[string]bool // addresses of Gitaly that did not answer during this invocation
}

// New returns the function. Invoked with records of the table's stream, it returns the failed ones, which are delivered again.
// Records that can never be processed go to the dead-letter queue instead, so that they delay no others.
func New(d Deps) lambda.Handler { return handler{Deps: d} }

// errMalformed reports a record of the stream that can never be processed.
var errMalformed = errors.New("postreceive: malformed record")

// kinds are the processors of the outbox, by the attribute "kind" of its items.
var kinds = map[string]func(handler, context.Context, table.Key, table.Item) error{
	pushes.OutboxPush:       handler.push,
	agents.OutboxAgentEvent: handler.agentEvent,
}

// Invoke processes the records of an event one by one.
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

// place is the readable part of every record, even of a malformed one.
type place struct {
	EventID string `json:"eventID"`
	Change  struct {
		SequenceNumber string `json:"SequenceNumber"`
	} `json:"dynamodb"`
}

// record processes one record. It returns its number, and an error if it has to be delivered again.
func (h handler) record(ctx context.Context, raw json.RawMessage) (number string, err error) {
	var at place
	_ = json.Unmarshal(raw, &at) // without a number a record cannot be delivered again, but it can be put aside
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
