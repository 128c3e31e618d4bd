package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Published reports whether an item of the outbox has been dealt with altogether: its effects are there and its event is out.
func (s *Store) Published(ctx context.Context, k Key) (bool, error) {
	found, err := s.batchGet(ctx, []Key{k})
	if err != nil {
		return false, err
	}
	published, _ := found[k]["published"].(*types.AttributeValueMemberBOOL)
	return published != nil && published.Value, nil
}

// MarkPublished says so of an item of the outbox, unless it has run out in the meantime.
func (s *Store) MarkPublished(ctx context.Context, k Key) error {
	update, condition := "SET published = :true", "attribute_exists(pk)"
	err := s.update(ctx, &dynamodb.UpdateItemInput{
		Key: k.item(), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeValues: Item{":true": &types.AttributeValueMemberBOOL{Value: true}},
	})
	return err
}
