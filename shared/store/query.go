package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Query stays within one partition, and what it costs follows from what it reads. All of them read strongly consistent, in
// the order of the sort keys.

// query reads the items of a partition whose sort keys begin with a prefix.
func (s *Store) query(ctx context.Context, partition, prefix string, each func(Item) error) error {
	for after := ""; ; {
		items, last, err := s.page(ctx, Key{partition, prefix}, after, 0)
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

// page reads up to limit items of a partition whose places begin like that of the key, those behind a place; limit 0 leaves it
// to DynamoDB, whose pages are 1 MB. It also returns the place to go on behind, "" where nothing is left.
func (s *Store) page(ctx context.Context, begin Key, after string, limit int) ([]Item, string, error) {
	condition := "pk = :pk"
	in := &dynamodb.QueryInput{
		KeyConditionExpression:    &condition,
		ExpressionAttributeValues: Item{":pk": &types.AttributeValueMemberS{Value: begin.PK}},
	}
	if limit > 0 {
		most := int32(limit)
		in.Limit = &most
	}
	if begin.SK != "" {
		condition += " AND begins_with(sk, :sk)"
		in.ExpressionAttributeValues[":sk"] = &types.AttributeValueMemberS{Value: begin.SK}
	}
	if after != "" {
		in.ExclusiveStartKey = Key{begin.PK, after}.item()
	}
	out, err := s.ask(ctx, in)
	if err != nil {
		return nil, "", err
	}
	return out.Items, text(out.LastEvaluatedKey, "sk"), nil
}

// between goes through the items of a partition from one place on and before another, at most limit.
func (s *Store) between(ctx context.Context, first, last Key, limit int, each func(Item) error) error {
	condition := "pk = :pk AND sk BETWEEN :first AND :last"
	in := &dynamodb.QueryInput{
		KeyConditionExpression: &condition,
		ExpressionAttributeValues: Item{
			":pk":    &types.AttributeValueMemberS{Value: first.PK},
			":first": &types.AttributeValueMemberS{Value: first.SK},
			":last":  &types.AttributeValueMemberS{Value: last.SK},
		},
	}
	for left := limit; left > 0; {
		page := int32(min(left, 1000))
		in.Limit = &page
		out, err := s.ask(ctx, in)
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

// ask makes one Query of the table and counts it.
func (s *Store) ask(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	consistent := true
	in.TableName, in.ConsistentRead, in.ReturnConsumedCapacity = &s.table, &consistent, types.ReturnConsumedCapacityTotal
	out, err := s.api.Query(ctx, in)
	if err != nil {
		return nil, failed("Query", err)
	}
	countRead(ctx, out.ConsumedCapacity)
	return out, nil
}
