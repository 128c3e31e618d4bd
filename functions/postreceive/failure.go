package postreceive

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Failures is the dead-letter queue; *sqs.Client implements it.
type Failures interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// failure is the message about a record that can never be processed. The item itself stays in the outbox.
type failure struct {
	Reason  string    `json:"reason"`
	Kind    string    `json:"kind"`
	PK      string    `json:"pk"`
	SK      string    `json:"sk"`
	EventID string    `json:"event_id"`
	At      time.Time `json:"at"`
}

// longestReason bounds a reason in bytes, because errors quote malformed input.
const longestReason = 1024

// putAside sends a message about a record to the queue. After a failure the record has to be delivered again.
func (h handler) putAside(ctx context.Context, f failure, cause error) error {
	f.Reason, f.At = cause.Error(), h.Now().UTC()
	f.Reason = f.Reason[:min(len(f.Reason), longestReason)]
	body, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("postreceive: encode failure: %w", err)
	}
	text := string(body)
	_, err = h.Failures.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &h.Queue, MessageBody: &text})
	attrs := []slog.Attr{
		slog.String("family", family), slog.String("outcome", "put aside"), slog.String("event_id", f.EventID),
		slog.String("pk", f.PK), slog.String("sk", f.SK), slog.String("cause", f.Reason),
	}
	if err != nil {
		attrs[1] = slog.String("outcome", "failed")
		attrs = append(attrs, slog.String("queue", err.Error()))
		err = fmt.Errorf("postreceive: queue of failures: %w", err)
	}
	h.Logger.LogAttrs(ctx, slog.LevelError, "record", attrs...)
	return err
}
