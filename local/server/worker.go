package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"postern/functions/postreceive"
	"postern/local/cloud"
	"postern/local/stream"
	"postern/shared/gitaly"
	"postern/shared/store"
	"postern/shared/table"
)

const (
	streamEvery    = 200 * time.Millisecond // a push appears quickly and polling costs little
	streamBatch    = 10
	streamAttempts = 5
)

// Work feeds the PostReceive worker from the table's stream until the context ends. Records that can never succeed and records
// that failed repeatedly go to the queue.
func Work(ctx context.Context, c *cloud.Cloud, queue string, log *slog.Logger) error {
	arn, err := c.Stream(ctx)
	if err != nil {
		return err
	}
	client := gitaly.New(gitaly.Options{Now: time.Now})
	defer func() { _ = client.Close() }()
	failures := c.QueueClient()
	worker := postreceive.New(postreceive.Deps{
		Store: store.New(c.ServingClient(), cloud.Table, time.Now), Gitaly: client,
		Events: announcing{c.EventsClient(), log}, Bus: cloud.Bus, Failures: failures, Queue: queue,
		Logger: log, Now: time.Now,
	})
	stream.Run(ctx, stream.Options{
		API: c.StreamsClient(), ARN: arn, Function: worker, Wants: outbox, Logger: log,
		Every: streamEvery, Batch: streamBatch, Attempts: streamAttempts, Read: reading(c.ServingClient()),
		GiveUp: func(ctx context.Context, r *events.DynamoDBEventRecord, cause error) error {
			err := giveUp(ctx, failures, queue, r, cause)
			if err == nil {
				log.LogAttrs(ctx, slog.LevelError, "record", slog.String("outcome", "dead-letter queue"),
					slog.String("event_id", r.EventID), slog.String("item", table.StreamKey(r).String()),
					slog.String("cause", cause.Error()))
			}
			return err
		},
	})
	return nil
}

// reading returns the reader of items whose record in the stream cannot be decoded.
func reading(
	client *dynamodb.Client,
) func(context.Context, map[string]events.DynamoDBAttributeValue) (map[string]events.DynamoDBAttributeValue, error) {
	return func(ctx context.Context, key map[string]events.DynamoDBAttributeValue) (map[string]events.DynamoDBAttributeValue, error) {
		item, err := table.StreamItem(key)
		if err != nil {
			return nil, err
		}
		consistent := true
		out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(cloud.Table), Key: item, ConsistentRead: &consistent})
		if err != nil {
			return nil, fmt.Errorf("read item: %w", err)
		}
		return stream.Image(out.Item)
	}
}

// outbox is the filter of the worker's event source: new items of the outbox.
func outbox(r *events.DynamoDBEventRecord) bool {
	return r.EventName == string(events.DynamoDBOperationTypeInsert) && strings.HasPrefix(table.StreamKey(r).PK, "outbox#")
}

// giveUp sends a failed record to the queue.
func giveUp(ctx context.Context, failures postreceive.Failures, queue string, r *events.DynamoDBEventRecord, cause error) error {
	k := table.StreamKey(r)
	body, err := json.Marshal(map[string]string{
		"reason": cause.Error(), "pk": k.PK, "sk": k.SK, "event_id": r.EventID, "at": time.Now().UTC().Format(time.RFC3339),
	})
	if err != nil {
		return err
	}
	text := string(body)
	_, err = failures.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &text})
	return err
}

// announcing is an event bus that also logs its events, because a local system has no subscriber.
type announcing struct {
	postreceive.Events
	log *slog.Logger
}

// PutEvents publishes events and then logs a line for each.
func (a announcing) PutEvents(
	ctx context.Context, in *eventbridge.PutEventsInput, o ...func(*eventbridge.Options),
) (*eventbridge.PutEventsOutput, error) {
	out, err := a.Events.PutEvents(ctx, in, o...)
	if err != nil || out.FailedEntryCount > 0 {
		return out, err //nolint:wrapcheck // a stand-in adds nothing
	}
	for i := range in.Entries {
		a.log.LogAttrs(ctx, slog.LevelInfo, "event",
			slog.String("source", *in.Entries[i].Source), slog.String("detail_type", *in.Entries[i].DetailType),
			slog.Any("detail", json.RawMessage(*in.Entries[i].Detail)))
	}
	return out, nil
}
