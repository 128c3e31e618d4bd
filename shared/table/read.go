package table

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// BatchLimit is the number of items that one BatchGetItem may ask for.
const BatchLimit = 100

// errUnprocessed reports that the throttled table kept returning keys without reading them.
var errUnprocessed = errors.New("unprocessed keys remain")

// GetOne reads one item, nil when it is missing.
func (t *Table) GetOne(ctx context.Context, k Key) (Item, error) {
	consistent := true
	out, err := t.api.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:              &t.name,
		Key:                    k.Item(),
		ConsistentRead:         &consistent,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return nil, failed("GetItem", err)
	}
	countRead(ctx, out.ConsumedCapacity)
	return out.Item, nil
}

// Get reads items. DynamoDB rejects a repeated key. The result lacks the keys without an item, also the impossible ones. Keys
// that the table did not process are requested again until the context ends, and then are an error, never "not found".
func (t *Table) Get(ctx context.Context, keys []Key) (map[Key]Item, error) {
	found := make(map[Key]Item, len(keys))
	if err := t.GetInto(ctx, found, keys); err != nil {
		return nil, err
	}
	return found, nil
}

// GetInto is Get into a map that may have other items already.
func (t *Table) GetInto(ctx context.Context, found map[Key]Item, keys []Key) error {
	if slices.ContainsFunc(keys, Key.Impossible) {
		keys = slices.DeleteFunc(slices.Clone(keys), Key.Impossible)
	}
	for start := 0; start < len(keys); start += BatchLimit {
		if err := t.oneBatch(ctx, found, keys[start:min(start+BatchLimit, len(keys))]); err != nil {
			return err
		}
	}
	return nil
}

// oneBatch reads up to BatchLimit items into found. It waits longer each time the table leaves keys out, because immediate
// retries keep a throttled table throttled.
func (t *Table) oneBatch(ctx context.Context, found map[Key]Item, keys []Key) error {
	asked := make([]Item, len(keys))
	for i, k := range keys {
		asked[i] = k.Item()
	}
	consistent := true
	pending := map[string]types.KeysAndAttributes{t.name: {Keys: asked, ConsistentRead: &consistent}}
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		out, err := t.api.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems:           pending,
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return failed("BatchGetItem", err)
		}
		countBatch(ctx, out.ConsumedCapacity)
		for _, item := range out.Responses[t.name] {
			found[KeyOf(item)] = item
		}
		if pending = out.UnprocessedKeys; len(pending) == 0 {
			return nil
		}
		if err := sleep(ctx, min(wait, time.Second)); err != nil {
			return &UnavailableError{Op: "BatchGetItem", Err: errors.Join(errUnprocessed, err)}
		}
	}
}
