package postreceive

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Failures is a queue that somebody looks at; *sqs.Client has it.
type Failures interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// failure is what the queue is told of a record that can never be done. The item itself stays in the outbox.
type failure struct {
	Reason  string    `json:"reason"`
	Kind    string    `json:"kind"`
	PK      string    `json:"pk"`
	SK      string    `json:"sk"`
	EventID string    `json:"event_id"`
	At      time.Time `json:"at"`
}

// longestReason is how many bytes of a reason are told: errors quote what they could not read.
const longestReason = 1024

// putAside sends word of a record to the queue. Where that fails the record has to be sent again.
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
