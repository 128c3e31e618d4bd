package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// errAgain says that the function asked for a record again and again.
var errAgain = errors.New("the function reports the record as failed")

// deliver invokes the function with records of a shard, and notes how far it came.
func (p *poller) deliver(ctx context.Context, s *shard, records []types.Record) error {
	var wanted []events.DynamoDBEventRecord
	for i := range records {
		record, err := eventRecord(&records[i])
		if err != nil {
			return err
		}
		if p.Wants == nil || p.Wants(&record) {
			wanted = append(wanted, record)
		}
	}
	for batch := range slices.Chunk(wanted, p.Batch) {
		if err := p.batch(ctx, batch); err != nil {
			return err
		}
		s.last = batch[len(batch)-1].Change.SequenceNumber
	}
	// What the filter left out has been dealt with, too.
	if n := len(records); n > 0 {
		s.last = *records[n-1].Dynamodb.SequenceNumber
	}
	return nil
}

// batch invokes the function until all records are done or given up. It goes back to the first record that failed; a batch
// that fails as a whole is cut in two, so that one record does not hold up the others.
func (p *poller) batch(ctx context.Context, records []events.DynamoDBEventRecord) error {
	for attempt := 1; len(records) > 0; attempt++ {
		at, err := p.invoke(ctx, records)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			return nil
		// Those before it are done. It is tried again at once, as a record of its own batch.
		case at > 0:
			records, attempt = records[at:], 0
			continue
		// Nobody knows which one it was.
		case at < 0 && len(records) > 1:
			half := len(records) / 2
			if err := p.batch(ctx, records[:half]); err != nil {
				return err
			}
			records, attempt = records[half:], 0
			continue
		case attempt >= p.Attempts:
			if err := p.GiveUp(ctx, &records[0], err); err != nil {
				return fmt.Errorf("give up record: %w", err)
			}
			records, attempt = records[1:], 0
			continue
		}
		if err := wait(ctx, p.Every<<min(attempt, 5)); err != nil {
			return err
		}
	}
	return nil
}

// invoke invokes the function. With an error, at is the place of the first record that failed, -1 when all did.
func (p *poller) invoke(ctx context.Context, records []events.DynamoDBEventRecord) (at int, err error) {
	payload, err := json.Marshal(events.DynamoDBEvent{Records: records})
	if err != nil {
		return -1, fmt.Errorf("encode event: %w", err)
	}
	raw, err := p.Function.Invoke(ctx, payload)
	if err != nil {
		return -1, fmt.Errorf("invoke: %w", err)
	}
	var answer events.DynamoDBEventResponse
	if err := json.Unmarshal(raw, &answer); err != nil {
		return -1, fmt.Errorf("decode answer: %w", err)
	}
	// As Lambda reads it: an empty list, or none, is success.
	if len(answer.BatchItemFailures) == 0 {
		return 0, nil
	}
	first := len(records)
	for _, failure := range answer.BatchItemFailures {
		i := slices.IndexFunc(records, func(r events.DynamoDBEventRecord) bool {
			return r.Change.SequenceNumber == failure.ItemIdentifier
		})
		// A name that is none of theirs is -1, and means all of them, as for Lambda.
		first = min(first, i)
	}
	return first, errAgain
}

// wait waits, or returns why the context ended before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
