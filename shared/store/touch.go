package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

// usedEvery is how often the use of a key is written down: once a day (internal API, allowed).
const usedEvery = 24 * time.Hour

// TouchKey writes down that a key was used, if that was last done a day ago or never. The record's version stays as
// it is, so that this never collides with a directory document.
func (s *Store) TouchKey(ctx context.Context, key *gitlab.Key) error {
	now := s.now().UTC()
	if key.LastUsedAt != nil && now.Sub(*key.LastUsedAt) < usedEvery {
		return nil
	}
	due := now.Add(-usedEvery).Format(time.RFC3339)
	return s.touch(ctx, keyKey(key.ID), "last_used_at", now.Format(time.RFC3339), due)
}

// TouchUser writes down that a user downloaded today, if that is not written yet.
func (s *Store) TouchUser(ctx context.Context, user *gitlab.User) error {
	today := gitlab.DateOf(s.now())
	if user.LastActivityOn >= today {
		return nil
	}
	yesterday := gitlab.DateOf(s.now().Add(-usedEvery))
	return s.touch(ctx, userKey(user.ID), "last_activity_on", string(today), string(yesterday))
}

// touch sets an attribute of an item that exists, unless somebody has set it to later than due already.
func (s *Store) touch(ctx context.Context, k Key, attribute, value, due string) error {
	update := "SET #a = :value"
	condition := "attribute_exists(pk) AND (attribute_not_exists(#a) OR #a <= :due)"
	err := s.update(ctx, &dynamodb.UpdateItemInput{ // where it fails, another request did it
		Key:                      k.item(),
		UpdateExpression:         &update,
		ConditionExpression:      &condition,
		ExpressionAttributeNames: map[string]string{"#a": attribute},
		ExpressionAttributeValues: Item{
			":value": &types.AttributeValueMemberS{Value: value},
			":due":   &types.AttributeValueMemberS{Value: due},
		},
	})
	return err
}
