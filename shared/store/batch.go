package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// batchLimit is how many items one BatchGetItem may ask for.
const batchLimit = 100

// errUnprocessed says that the table kept returning keys without reading them: it is being throttled.
var errUnprocessed = errors.New("unprocessed keys remain")

// batchGet reads items, strongly consistent; no key may be given twice, which DynamoDB refuses. Keys without an item are
// missing from the result, and so are keys that no item can have (Key.impossible); keys that the table did not get to are asked for again until the context ends, and then are an
// error, never "not there".
func (s *Store) batchGet(ctx context.Context, keys []Key) (map[Key]Item, error) {
	found := make(map[Key]Item, len(keys))
	if err := s.batchInto(ctx, found, keys); err != nil {
		return nil, err
	}
	return found, nil
}

// batchInto is batchGet into a map that may have other items already.
func (s *Store) batchInto(ctx context.Context, found map[Key]Item, keys []Key) error {
	if slices.ContainsFunc(keys, Key.impossible) {
		keys = slices.DeleteFunc(slices.Clone(keys), Key.impossible)
	}
	for start := 0; start < len(keys); start += batchLimit {
		if err := s.oneBatch(ctx, found, keys[start:min(start+batchLimit, len(keys))]); err != nil {
			return err
		}
	}
	return nil
}

// oneBatch reads up to batchLimit items into found. It waits longer each time that the table leaves keys out, because
// asking at once again is what keeps a throttled table throttled.
func (s *Store) oneBatch(ctx context.Context, found map[Key]Item, keys []Key) error {
	asked := make([]Item, len(keys))
	for i, k := range keys {
		asked[i] = k.item()
	}
	consistent := true
	pending := map[string]types.KeysAndAttributes{s.table: {Keys: asked, ConsistentRead: &consistent}}
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		out, err := s.api.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems:           pending,
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return failed("BatchGetItem", err)
		}
		countBatch(ctx, out.ConsumedCapacity)
		for _, item := range out.Responses[s.table] {
			found[keyOf(item)] = item
		}
		if pending = out.UnprocessedKeys; len(pending) == 0 {
			return nil
		}
		if err := sleep(ctx, min(wait, time.Second)); err != nil {
			return &UnavailableError{Op: "BatchGetItem", Err: errors.Join(errUnprocessed, err)}
		}
	}
}

// impossible reports whether a key is longer than DynamoDB takes, so no item has it. A request may name anything.
func (k Key) impossible() bool { return len(k.PK) > maxPK || len(k.SK) > maxSK }

// item returns the key's attributes.
func (k Key) item() Item {
	return Item{"pk": &types.AttributeValueMemberS{Value: k.PK}, "sk": &types.AttributeValueMemberS{Value: k.SK}}
}

// keyOf returns the key of an item.
func keyOf(item Item) Key { return Key{PK: text(item, "pk"), SK: text(item, "sk")} }

// text returns a string attribute, "" when it is not there.
func text(item Item, name string) string {
	if v, ok := item[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

// sleep waits, or returns why the context ended before.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
