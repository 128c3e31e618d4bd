package store

import (
	"context"
	"time"

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
