package store

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is one item of the table as the SDK has it.
type Item = map[string]types.AttributeValue

// API is what the store asks of DynamoDB; *dynamodb.Client has it. There is no Scan.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactWriteItemsOutput, error)
}

// Store reads and writes the table. It is safe for concurrent use; one serves a whole process, and what it
// remembers between requests are hints only.
type Store struct {
	api   API
	table string
	now   func() time.Time
	copy  int // which of the instance's copies this process reads
	hints *hints
	rates *rateWindows
	ids   *idRanges
}

// Open returns a store on the named table for a function: with the SDK's configuration and the machine's clock.
func Open(cfg aws.Config, table string) *Store {
	return New(dynamodb.NewFromConfig(cfg), table, time.Now)
}

// New returns a store on the named table. The clock decides what is due, expired or in this minute.
func New(api API, table string, now func() time.Time) *Store {
	return &Store{
		api:   api,
		table: table,
		now:   now,
		//nolint:gosec // spreads load over copies; nothing secret depends on it
		copy:  rand.IntN(Copies),
		hints: newHints(),
		rates: newRateWindows(),
		ids:   newIDRanges(),
	}
}
