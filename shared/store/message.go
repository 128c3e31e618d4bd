package store

import (
	"context"
	"time"

	"postern/shared/gitlab"
	"postern/shared/table"
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
	return s.db.Write(ctx, table.Write{
		Verb: table.Put, Key: messageKey(user, repository.String(), string(kind)),
		Item: Item{"text": textValue(message), "expires": s.db.Expires(messageTTL)},
	})
}
