package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

// handoutTTL is how long it is known what a request was answered with.
const handoutTTL = 10 * time.Minute

// NewRecoveryCodes are codes to be kept as digests (gitlab.TokenDigest).
type NewRecoveryCodes struct {
	User     gitlab.ID
	Digests  []string
	Request  string // fingerprint
	Replaces string // RecoveryState.Request as it was read
	Handout  Handout
}

// ReplaceRecoveryCodes puts codes in the place of the user's, in one write with the note of what was handed out.
// ErrConflict says that the request was answered already, or that other codes were made since the state was read: then
// nothing is changed, and these codes must not be handed out.
func (s *Store) ReplaceRecoveryCodes(ctx context.Context, c NewRecoveryCodes) error {
	write := operation{verb: put, key: recoveryKey(c.User), cond: absent, item: Item{
		"codes":   &types.AttributeValueMemberSS{Value: c.Digests},
		"request": &types.AttributeValueMemberS{Value: c.Request},
	}}
	if c.Replaces != "" {
		write.cond, write.holder = heldBy, Item{"request": &types.AttributeValueMemberS{Value: c.Replaces}}
	}
	return s.transact(ctx, []operation{
		write, {verb: check, key: userKey(c.User), cond: present}, s.noteHandout(c.Request, c.Handout),
	})
}

// CreatePersonalToken keeps a new token under an id of the service's own, in one write with the note of what was handed
// out. ErrConflict says that the request was answered already, or that the user is gone.
func (s *Store) CreatePersonalToken(ctx context.Context, t gitlab.PersonalAccessToken, request string, h Handout) error {
	n, err := s.NextID(ctx, KindPersonalToken)
	if err != nil {
		return err
	}
	t.ID = FirstID + n
	ops, err := merged([]Change{{New: PersonalAccessTokenRecord(&t)}})
	if err != nil {
		return err
	}
	return s.transact(ctx, append(ops, s.noteHandout(request, h)))
}

// noteHandout is the write that only one arrival of a request can make.
func (s *Store) noteHandout(request string, h Handout) operation {
	item := encode(h)
	item["expires"] = number(s.now().Add(handoutTTL).Unix())
	return operation{verb: put, key: handoutKey(request), item: item, cond: absent}
}

// change updates one item under a condition; ErrConflict when that does not hold. The SDK does not repeat it: the second
// try would run into the first one.
func (s *Store) change(ctx context.Context, k Key, update, condition string, values Item) error {
	out, err := s.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &s.table,
		Key:                       k.item(),
		UpdateExpression:          &update,
		ConditionExpression:       &condition,
		ExpressionAttributeValues: values,
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	}, once)
	if err != nil {
		countWrite(ctx, nil)
		return failed("UpdateItem", err)
	}
	countWrite(ctx, out.ConsumedCapacity)
	return nil
}
