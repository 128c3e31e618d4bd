package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Query stays within one partition, and its cost follows from the items that it reads. All queries are strongly consistent and
// return items in the order of the sort keys.

// Query reads the items of a partition whose sort keys begin with a prefix.
func (t *Table) Query(ctx context.Context, partition, prefix string, each func(Item) error) error {
	for after := ""; ; {
		items, last, err := t.Page(ctx, Key{partition, prefix}, after, 0)
		if err != nil {
			return err
		}
		for _, item := range items {
			if err := each(item); err != nil {
				return err
			}
		}
		if after = last; last == "" {
			return nil
		}
	}
}

// Page reads up to limit items of a partition, behind a place, whose places begin like that of the key. With limit 0 a page has
// 1 MB. Page also returns the last place, "" where nothing is left.
func (t *Table) Page(ctx context.Context, begin Key, after string, limit int) ([]Item, string, error) {
	condition := "pk = :pk"
	in := &dynamodb.QueryInput{
		KeyConditionExpression:    &condition,
		ExpressionAttributeValues: Item{":pk": String(begin.PK)},
	}
	if limit > 0 {
		most := int32(limit)
		in.Limit = &most
	}
	if begin.SK != "" {
		condition += " AND begins_with(sk, :sk)"
		in.ExpressionAttributeValues[":sk"] = String(begin.SK)
	}
	if after != "" {
		in.ExclusiveStartKey = Key{begin.PK, after}.Item()
	}
	out, err := t.ask(ctx, in)
	if err != nil {
		return nil, "", err
	}
	return out.Items, Text(out.LastEvaluatedKey, "sk"), nil
}

// Between reads at most limit items of a partition, from one place on and before another.
func (t *Table) Between(ctx context.Context, first, last Key, limit int, each func(Item) error) error {
	condition := "pk = :pk AND sk BETWEEN :first AND :last"
	in := &dynamodb.QueryInput{
		KeyConditionExpression: &condition,
		ExpressionAttributeValues: Item{
			":pk":    String(first.PK),
			":first": String(first.SK),
			":last":  String(last.SK),
		},
	}
	for left := limit; left > 0; {
		page := int32(min(left, 1000))
		in.Limit = &page
		out, err := t.ask(ctx, in)
		if err != nil {
			return err
		}
		for _, item := range out.Items {
			if err := each(item); err != nil {
				return err
			}
		}
		if left -= len(out.Items); out.LastEvaluatedKey == nil {
			return nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
	return nil
}

// ask sends one Query and counts it.
func (t *Table) ask(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	consistent := true
	in.TableName, in.ConsistentRead, in.ReturnConsumedCapacity = &t.name, &consistent, types.ReturnConsumedCapacityTotal
	out, err := t.api.Query(ctx, in)
	if err != nil {
		return nil, failed("Query", err)
	}
	countRead(ctx, out.ConsumedCapacity)
	return out, nil
}
