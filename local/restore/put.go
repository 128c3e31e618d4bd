package restore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// writers is the number of concurrent writes, enough for the capacity of a new on-demand table.
const writers = 32

// API is the part of DynamoDB's client that Put needs.
type API interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Counts are the items of an export: written ones, and existing ones.
type Counts struct{ Written, Existing int64 }

// Put writes every item of an export into a table with the keys pk and sk. It never overwrites an item, so it can be interrupted and
// repeated, also while a system writes. With an error the counts have the items so far.
func Put(ctx context.Context, api API, table string, folder fs.FS) (Counts, error) {
	p := putter{api: api, table: table, items: make(chan Item)}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for item := range p.items {
				if err := p.put(ctx, item); err != nil {
					cancel(err)
				}
			}
		})
	}
	err := Read(folder, func(item Item) error {
		select {
		case p.items <- item:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(p.items)
	wg.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause // the write's error, which ended the reading
	}
	return Counts{Written: p.written.Load(), Existing: p.existing.Load()}, err
}

// putter writes items one by one, because a batch has no conditions.
type putter struct {
	api               API
	table             string
	items             chan Item
	written, existing atomic.Int64
}

func (p *putter) put(ctx context.Context, item Item) error {
	_, err := p.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &p.table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	var taken *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &taken):
		p.existing.Add(1)
		return nil
	case err != nil:
		return fmt.Errorf("write an item: %w", err)
	}
	p.written.Add(1)
	return nil
}
