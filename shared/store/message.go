package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

// messageTTL is how long a message waits for the user's next post_receive (internal API, post_receive).
const messageTTL = 5 * time.Minute

// MessageKind is why a message waits for a user.
type MessageKind string

// The kinds of messages: the project has moved, the push created it.
const (
	MovedMessage   MessageKind = "moved"
	CreatedMessage MessageKind = "created"
)

// KeepMessage keeps a message for five minutes, for the user's next post_receive on the repository. A newer message
// of the same kind takes its place.
func (s *Store) KeepMessage(
	ctx context.Context, user gitlab.ID, repository gitlab.Repository, kind MessageKind, message string,
) error {
	item := messageKey(user, repository.String(), string(kind)).item()
	item["text"] = &types.AttributeValueMemberS{Value: message}
	item["expires"] = number(s.now().Add(messageTTL).Unix())
	out, err := s.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:              &s.table,
		Item:                   item,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return failed("PutItem", err)
	}
	countWrite(ctx, out.ConsumedCapacity)
	return nil
}
