package table

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// API is the part of DynamoDB that the table uses; *dynamodb.Client has it. There is no Scan.
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

// Table is the table of an installation, with the clock of the process. It is safe for concurrent use.
type Table struct {
	api  API
	name string
	now  func() time.Time
}

// Open returns the named table for a function: with the SDK's configuration and the machine's clock.
func Open(cfg aws.Config, name string) *Table {
	return New(dynamodb.NewFromConfig(cfg), name, time.Now)
}

// New returns the named table. The clock decides what is due or expired, and which minute it is.
func New(api API, name string, now func() time.Time) *Table {
	return &Table{api: api, name: name, now: now}
}

// Now is the present time of the table's clock.
func (t *Table) Now() time.Time { return t.now() }

// Expires is the attribute of an item that DynamoDB removes some time after now.
func (t *Table) Expires(after time.Duration) Value { return Number(t.now().Add(after).Unix()) }
