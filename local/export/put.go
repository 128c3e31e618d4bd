package export

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

// writers is how many items are written at the same time: enough to fill what a new table on demand takes.
const writers = 32

// API is what putting items asks of DynamoDB; *dynamodb.Client has it.
type API interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Counts are the items of an export: those that were written, and those whose place was taken.
type Counts struct{ Written, There int64 }

// Put writes every item of an export into a table whose key is pk and sk, and leaves alone what is there: it can be cut off and
// run again, and never undoes what a system has written since. Counts tell how far it came, also with an error.
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
		err = cause // that of the write, and not that of the reading which it has ended
	}
	return Counts{Written: p.written.Load(), There: p.there.Load()}, err
}

// putter writes items one by one, because a batch knows no condition.
type putter struct {
	api            API
	table          string
	items          chan Item
	written, there atomic.Int64
}

func (p *putter) put(ctx context.Context, item Item) error {
	_, err := p.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &p.table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	var taken *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &taken):
		p.there.Add(1)
		return nil
	case err != nil:
		return fmt.Errorf("write an item: %w", err)
	}
	p.written.Add(1)
	return nil
}
