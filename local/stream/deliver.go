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

// errAgain reports that the function failed a record at each attempt.
var errAgain = errors.New("the function reports the record as failed")

// deliver invokes the function with the records of a shard, and notes its progress.
func (p *poller) deliver(ctx context.Context, s *shard, records []types.Record) error {
	var wanted []events.DynamoDBEventRecord
	for i := range records {
		record := header(&records[i])
		if p.Wants != nil && !p.Wants(&record) {
			continue
		}
		readable, err := p.complete(ctx, &record, &records[i])
		if err != nil {
			return err
		}
		if readable {
			wanted = append(wanted, record)
		}
	}
	for batch := range slices.Chunk(wanted, p.Batch) {
		if err := p.batch(ctx, batch); err != nil {
			return err
		}
		s.last = batch[len(batch)-1].Change.SequenceNumber
	}
	// The records that the filter excludes are done as well.
	for i := range records {
		if number := header(&records[i]).Change.SequenceNumber; number != "" {
			s.last = number
		}
	}
	return nil
}

// complete adds the images of a record. Images that cannot be decoded are replaced by the item as the table has it. A record
// that stays unreadable is given up, so that the next one is processed.
func (p *poller) complete(ctx context.Context, record *events.DynamoDBEventRecord, from *types.Record) (readable bool, err error) {
	cause := addImages(record, from)
	for attempt := 1; cause != nil && attempt <= p.Attempts; attempt++ {
		if attempt > 1 {
			if err := wait(ctx, p.Every<<min(attempt, 5)); err != nil {
				return false, err
			}
		}
		if cause = p.reread(ctx, record); ctx.Err() != nil {
			return false, ctx.Err()
		}
	}
	if cause == nil {
		return true, nil
	}
	if err := p.GiveUp(ctx, record, cause); err != nil {
		return false, fmt.Errorf("give up record: %w", err)
	}
	return false, nil
}

// errNoItem reports a record whose item the table does not have.
var errNoItem = errors.New("stream: the table has no such item")

// reread replaces the images of a record by the item of the table. The worker reads items that are written once, so the item is
// the new image.
func (p *poller) reread(ctx context.Context, record *events.DynamoDBEventRecord) error {
	if p.Read == nil {
		return errNoItem
	}
	item, err := p.Read(ctx, record.Change.Keys)
	if err != nil {
		return fmt.Errorf("read item: %w", err)
	}
	if len(item) == 0 {
		return errNoItem
	}
	record.Change.NewImage, record.Change.OldImage = item, nil
	return nil
}

// batch invokes the function until all records are done or given up. It goes back to the first record that failed. A batch
// that fails as a whole is divided, so that one record does not delay the others.
func (p *poller) batch(ctx context.Context, records []events.DynamoDBEventRecord) error {
	for attempt := 1; len(records) > 0; attempt++ {
		at, err := p.invoke(ctx, records)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			return nil
		// The records before it are done. It is retried at once, as the first of its own batch.
		case at > 0:
			records, attempt = records[at:], 0
			continue
		// The failing record is unknown.
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

// invoke invokes the function. With an error, at is the index of the first failed record, -1 for all of them.
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
	// As for Lambda, a missing or empty list is success.
	if len(answer.BatchItemFailures) == 0 {
		return 0, nil
	}
	first := len(records)
	for _, failure := range answer.BatchItemFailures {
		i := slices.IndexFunc(records, func(r events.DynamoDBEventRecord) bool {
			return r.Change.SequenceNumber == failure.ItemIdentifier
		})
		// An unknown number is -1 and means all of them, as for Lambda.
		first = min(first, i)
	}
	return first, errAgain
}

// wait waits. It returns the context's error when the context ends first.
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
