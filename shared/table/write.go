package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Verb is the action of a write.
type Verb uint8

// The verbs. Check writes nothing and only serves a transaction.
const (
	Check Verb = iota
	Put
	Update
	Delete
)

// Conditions of a write that need no values.
const (
	Absent  = "attribute_not_exists(pk)"
	Present = "attribute_exists(pk)"
)

// Write is one write of an item.
type Write struct {
	Verb   Verb
	Key    Key
	Item   Item   // Put: the attributes beside the key
	Update string // Update: the expression
	If     string // the condition, "" for none
	Names  map[string]string
	Values Item
	Once   bool // the SDK must not repeat it: a second time counts twice, or fails on the first
	Report bool // a failed condition returns the item (FailedConditions)
}

// PutNew is the write that creates an item.
func PutNew(k Key, attributes Item) Write {
	return Write{Verb: Put, Key: k, Item: attributes, If: Absent}
}

// Write writes one item. A failed condition is an ErrConflict.
func (t *Table) Write(ctx context.Context, w Write) error {
	_, err := t.writeOne(ctx, w, types.ReturnValueNone)
	return err
}

// WriteIf writes one item and reports whether its condition held.
func (t *Table) WriteIf(ctx context.Context, w Write) (bool, error) {
	err := t.Write(ctx, w)
	return err == nil, IgnoreConflict(err)
}

// Add adds to a number attribute of an item and returns the sum.
func (t *Table) Add(ctx context.Context, k Key, attribute string, by int64) (int64, error) {
	item, err := t.writeOne(ctx, Write{
		Verb: Update, Key: k, Update: "ADD #n :by", Names: map[string]string{"#n": attribute}, Values: Item{":by": Number(by)},
	}, types.ReturnValueUpdatedNew)
	return Integer(item, attribute), err
}

// writeOne writes one item, and returns its attributes as far as they are asked for.
func (t *Table) writeOne(ctx context.Context, w Write, returns types.ReturnValue) (item Item, err error) {
	if w.Verb == Check { // of no use alone, and there is no call for it
		return nil, t.Transact(ctx, []Write{w})
	}
	var options []func(*dynamodb.Options)
	if w.Once {
		options = append(options, func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	}
	send, op := t.sender(w, returns)
	err = retry(ctx, op, func() error {
		got, consumed, err := send(ctx, options)
		countWrite(ctx, consumed)
		item = got
		return err
	})
	return item, err
}

// sent makes one call. It returns the attributes that the call asks for, and the consumed capacity.
type sent func(context.Context, []func(*dynamodb.Options)) (Item, *types.ConsumedCapacity, error)

// sender returns the call of a single write and its name.
func (t *Table) sender(w Write, returns types.ReturnValue) (send sent, op string) {
	in := t.transactItem(w)
	switch {
	case in.Put != nil:
		return t.put(in.Put), "PutItem"
	case in.Delete != nil:
		return t.remove(in.Delete), "DeleteItem"
	}
	return t.update(in.Update, returns), "UpdateItem"
}

// total asks a call to report its consumed capacity.
const total = types.ReturnConsumedCapacityTotal

func (t *Table) put(p *types.Put) sent {
	return func(ctx context.Context, options []func(*dynamodb.Options)) (Item, *types.ConsumedCapacity, error) {
		out, err := t.api.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: p.TableName, Item: p.Item, ConditionExpression: p.ConditionExpression,
			ExpressionAttributeNames: p.ExpressionAttributeNames, ExpressionAttributeValues: p.ExpressionAttributeValues,
			ReturnConsumedCapacity: total,
		}, options...)
		if err != nil {
			return nil, nil, err
		}
		return nil, out.ConsumedCapacity, nil
	}
}

func (t *Table) remove(d *types.Delete) sent {
	return func(ctx context.Context, options []func(*dynamodb.Options)) (Item, *types.ConsumedCapacity, error) {
		out, err := t.api.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: d.TableName, Key: d.Key, ConditionExpression: d.ConditionExpression,
			ExpressionAttributeNames: d.ExpressionAttributeNames, ExpressionAttributeValues: d.ExpressionAttributeValues,
			ReturnConsumedCapacity: total,
		}, options...)
		if err != nil {
			return nil, nil, err
		}
		return nil, out.ConsumedCapacity, nil
	}
}

func (t *Table) update(u *types.Update, returns types.ReturnValue) sent {
	return func(ctx context.Context, options []func(*dynamodb.Options)) (Item, *types.ConsumedCapacity, error) {
		out, err := t.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
			ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues,
			ReturnValues: returns, ReturnConsumedCapacity: total,
		}, options...)
		if err != nil {
			return nil, nil, err
		}
		return out.Attributes, out.ConsumedCapacity, nil
	}
}
