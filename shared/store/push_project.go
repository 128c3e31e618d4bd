package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

// applyPushToProject writes the activity of a project and of the pusher. Repeats of both writes are harmless.
func (s *Store) applyPushToProject(ctx context.Context, p *gitlab.Push) error {
	at := p.At.UTC().Format(time.RFC3339) // of one width, so that texts compare as times do
	if err := s.touch(ctx, projectKey(p.Repository.ID), "last_activity_at", at, at); err != nil {
		return err
	}
	// Not everybody who pushes is a user.
	if p.UserID == 0 {
		return nil
	}
	day, before := gitlab.DateOf(p.At), gitlab.DateOf(p.At.Add(-usedEvery))
	return s.touch(ctx, userKey(p.UserID), "last_activity_on", string(day), string(before))
}

// update updates an item under a condition, again while a transaction holds the item. A condition that fails is no error:
// there is nothing to update then.
func (s *Store) update(ctx context.Context, in *dynamodb.UpdateItemInput) error {
	in.TableName, in.ReturnConsumedCapacity = &s.table, types.ReturnConsumedCapacityTotal
	for attempt := 0; ; attempt++ {
		out, err := s.api.UpdateItem(ctx, in)
		var busy *types.TransactionConflictException
		if errors.As(err, &busy) && attempt+1 < attempts && backoff(ctx, attempt) == nil {
			continue
		}
		switch err = failed("UpdateItem", err); {
		case errors.Is(err, ErrConflict):
			countWrite(ctx, nil)
			return nil
		case err != nil:
			return err
		}
		countWrite(ctx, out.ConsumedCapacity)
		return nil
	}
}
