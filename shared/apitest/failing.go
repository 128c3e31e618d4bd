package apitest

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/store"
	"postern/shared/table"
)

// failing is a store that fails after a number of calls.
type failing struct {
	table.API
	mu   sync.Mutex
	left int
	err  error
}

// spend returns the error once no call is left.
func (f *failing) spend() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left < 0 {
		return f.err
	}
	return nil
}

// answered performs a call if one is left.
func answered[I, O any](
	ctx context.Context, f *failing, call func(context.Context, I, ...func(*dynamodb.Options)) (O, error), in I,
	o []func(*dynamodb.Options),
) (O, error) {
	if err := f.spend(); err != nil {
		var none O
		return none, err
	}
	return call(ctx, in, o...)
}

// GetItem fails once no call is left.
func (f *failing) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return answered(ctx, f, f.API.GetItem, in, o)
}

// BatchGetItem fails once no call is left.
func (f *failing) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	return answered(ctx, f, f.API.BatchGetItem, in, o)
}

// Query fails once no call is left.
func (f *failing) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return answered(ctx, f, f.API.Query, in, o)
}

// PutItem fails once no call is left.
func (f *failing) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return answered(ctx, f, f.API.PutItem, in, o)
}

// UpdateItem fails once no call is left.
func (f *failing) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	return answered(ctx, f, f.API.UpdateItem, in, o)
}

// DeleteItem fails once no call is left.
func (f *failing) DeleteItem(
	ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.DeleteItemOutput, error) {
	return answered(ctx, f, f.API.DeleteItem, in, o)
}

// TransactWriteItems fails once no call is left.
func (f *failing) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	return answered(ctx, f, f.API.TransactWriteItems, in, o)
}

// Failing returns dependencies with a table that fails with err after a number of calls.
func Failing(d Deps, calls int, err error) Deps {
	d.Store = store.New(&failing{API: d.Table.Client, left: calls, err: err}, d.Table.Name, d.Now)
	return d
}

// CutOff repeats a request while the table fails at the first call, then at the second, and so on, until the answer is not
// 503. It returns that answer and the 503s before it.
func CutOff(
	t testing.TB, d Deps, mount func(Deps) http.Handler, err error, send func(http.Handler) *Answer,
) (last *Answer, failed []*Answer) {
	t.Helper()
	const most = 50 // calls of one request
	for calls := range most {
		got := send(mount(Failing(d, calls, err)))
		if got.Status != http.StatusServiceUnavailable {
			return got, failed
		}
		failed = append(failed, got)
	}
	t.Fatalf("still 503 after %d calls", most)
	return nil, nil
}
