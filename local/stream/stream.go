// Package stream feeds a function from the stream of a local table, as an event source mapping of Lambda does. Records of a shard
// keep their order, and a parent comes before its children. A failed record is retried, and goes to a queue at last.
//
// It has no memory: a start begins with the oldest record of the stream. Functions behind a stream accept repeats anyway.
package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// API is the used part of DynamoDB's streams; *dynamodbstreams.Client implements it.
type API interface {
	DescribeStream(
		context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options),
	) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(
		context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options),
	) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(
		context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options),
	) (*dynamodbstreams.GetRecordsOutput, error)
}

// Options are the source and the target of the records.
type Options struct {
	API      API
	ARN      string // of the stream
	Function lambda.Handler
	Wants    func(*events.DynamoDBEventRecord) bool // the filter of the event source; nil for all
	// Read returns the item of a key, for records that cannot be decoded; nil for none. Optional.
	Read func(ctx context.Context, key map[string]events.DynamoDBAttributeValue) (map[string]events.DynamoDBAttributeValue, error)
	// GiveUp takes a record that failed at each attempt. The record is retried while GiveUp fails.
	GiveUp   func(context.Context, *events.DynamoDBEventRecord, error) error
	Every    time.Duration // interval between two looks for records
	Batch    int           // highest number of records of an invocation
	Attempts int           // attempts at a record before it is given up
	Logger   *slog.Logger
}

// shard is how far the stream has been read in one of its shards.
type shard struct {
	parent   string
	iterator *string
	last     string // number of the last record that was dealt with
	ended    bool
}

// poller is the event source of one stream.
type poller struct {
	Options
	shards map[string]*shard
	order  []string // of shards, as the stream lists them
}

// discoverEvery is how many rounds pass between two looks for new shards.
const discoverEvery = 10

// Run feeds the function until the context ends. Temporary failures are logged and retried.
func Run(ctx context.Context, o Options) {
	p := poller{Options: o, shards: map[string]*shard{}}
	ticker := time.NewTicker(o.Every)
	defer ticker.Stop()
	for round := 0; ; round++ {
		if err := p.round(ctx, round); err != nil && ctx.Err() == nil {
			o.Logger.LogAttrs(ctx, slog.LevelWarn, "stream", slog.String("cause", err.Error()))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// round reads the new records of every shard whose parent has been read to its end.
func (p *poller) round(ctx context.Context, round int) error {
	if round%discoverEvery == 0 {
		if err := p.discover(ctx); err != nil {
			return err
		}
	}
	for _, id := range p.order {
		s := p.shards[id]
		// A parent that is not listed any more has ended.
		if parent := p.shards[s.parent]; s.ended || parent != nil && !parent.ended {
			continue
		}
		if err := p.read(ctx, id, s); err != nil {
			return err
		}
	}
	return nil
}

// discover adds shards that are new.
func (p *poller) discover(ctx context.Context) error {
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &p.ARN}
	for {
		out, err := p.API.DescribeStream(ctx, in)
		if err != nil {
			return fmt.Errorf("describe stream: %w", err)
		}
		for i := range out.StreamDescription.Shards {
			one := &out.StreamDescription.Shards[i]
			// Known, and perhaps half read.
			if p.shards[*one.ShardId] != nil {
				continue
			}
			s := &shard{}
			if one.ParentShardId != nil {
				s.parent = *one.ParentShardId
			}
			p.shards[*one.ShardId], p.order = s, append(p.order, *one.ShardId)
		}
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			return nil
		}
	}
}

// read reads a shard until nothing more is there for now. An iterator that has run out is made anew after the last record.
func (p *poller) read(ctx context.Context, id string, s *shard) error {
	for {
		if err := p.begin(ctx, id, s); err != nil {
			return err
		}
		out, err := p.API.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: s.iterator})
		if err != nil {
			s.iterator = nil
			var old *types.ExpiredIteratorException
			if errors.As(err, &old) {
				continue
			}
			return fmt.Errorf("get records: %w", err)
		}
		if err := p.deliver(ctx, s, out.Records); err != nil {
			s.iterator = nil
			return err
		}
		// Closed: its children go on.
		if s.iterator = out.NextShardIterator; s.iterator == nil {
			s.ended = true
			return nil
		}
		if len(out.Records) == 0 {
			return nil
		}
	}
}

// begin makes a missing iterator.
func (p *poller) begin(ctx context.Context, id string, s *shard) error {
	if s.iterator != nil {
		return nil
	}
	in := &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &p.ARN, ShardId: &id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	}
	if s.last != "" {
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &s.last
	}
	out, err := p.API.GetShardIterator(ctx, in)
	if err != nil {
		return fmt.Errorf("begin shard: %w", err)
	}
	s.iterator = out.ShardIterator
	return nil
}
