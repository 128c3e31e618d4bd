package table

import (
	"context"
	"crypto/rand"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/requestlog"
)

// TransactionItems is the number of items that one transaction may write; DynamoDB also limits it to 4 MB.
const TransactionItems = 100

// transact names the operation in errors.
const transact = "TransactWriteItems"

// Transact writes all of the items or none. It retries a transaction that collided with others or was throttled. All
// attempts have the same token, so a transaction with a lost answer is not written twice. Failed conditions are a
// *ConditionError.
func (t *Table) Transact(ctx context.Context, writes []Write) error {
	if len(writes) == 0 {
		return nil
	}
	token, units := rand.Text(), 0.0
	items := make([]types.TransactWriteItem, len(writes))
	for i, w := range writes {
		items[i] = t.transactItem(w)
		units += w.units()
	}
	return retry(ctx, transact, func() error {
		_, err := t.api.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{ClientRequestToken: &token, TransactItems: items})
		// Billed whether it succeeds or not.
		requestlog.From(ctx).CountCall(0, units)
		return err
	})
}

// units are the write units of an item in a transaction: two for each KB begun. An updated item counts by the size of
// the written values, a deleted one by its key. DynamoDB Local's own figure is constant.
func (w *Write) units() float64 {
	size := len(w.Key.PK) + len(w.Key.SK) + 4 + Size(w.Item)
	if w.Verb == Update {
		size += Size(w.Values)
	}
	return float64(2 * ((size + 1023) / 1024))
}

// transactItem turns a write into the SDK's form.
func (t *Table) transactItem(w Write) types.TransactWriteItem {
	var condition *string
	if w.If != "" {
		condition = &w.If
	}
	names, values := w.Names, w.Values
	if len(names) == 0 { // DynamoDB rejects an empty set of placeholders
		names = nil
	}
	if len(values) == 0 {
		values = nil
	}
	report := types.ReturnValuesOnConditionCheckFailureNone
	if w.Report {
		report = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	switch w.Verb {
	case Put:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: &t.name, Item: w.Key.With(w.Item), ConditionExpression: condition,
			ExpressionAttributeNames: names, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: report,
		}}
	case Delete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &t.name, Key: w.Key.Item(), ConditionExpression: condition,
			ExpressionAttributeNames: names, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: report,
		}}
	case Update:
		return types.TransactWriteItem{Update: &types.Update{
			TableName: &t.name, Key: w.Key.Item(), UpdateExpression: &w.Update, ConditionExpression: condition,
			ExpressionAttributeNames: names, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: report,
		}}
	case Check:
	}
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &t.name, Key: w.Key.Item(), ConditionExpression: condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: report,
	}}
}
