package pushes

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
func (s *Pushes) KeepMessage(
	ctx context.Context, user gitlab.ID, repository gitlab.Repository, kind MessageKind, message string,
) error {
	return s.db.Write(ctx, table.Write{
		Verb: table.Put, Key: messageKey(user, repository.String(), string(kind)),
		Item: table.Item{"text": table.String(message), "expires": s.db.Expires(messageTTL)},
	})
}

// messageKey is a message kept for the next post_receive of a user on a repository; kind is "moved" or "created".
func messageKey(user gitlab.ID, repository, kind string) table.Key {
	return table.Key{PK: "message#" + table.ID(user) + "#" + repository, SK: kind}
}
