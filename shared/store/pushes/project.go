package pushes

import (
	"context"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
)

// applyPushToProject writes the activity of a project and of the pusher. Repeats of both writes are harmless.
func (s *Pushes) applyPushToProject(ctx context.Context, p *gitlab.Push) error {
	at := p.At.UTC().Format(time.RFC3339) // of one width, so that texts compare as times do
	if err := s.records.Touch(ctx, layout.ProjectKey(p.Repository.ID), "last_activity_at", at, at); err != nil {
		return err
	}
	// Not everybody who pushes is a user.
	if p.UserID == 0 {
		return nil
	}
	day, before := gitlab.DateOf(p.At), gitlab.DateOf(p.At.Add(-record.UsedEvery))
	return s.records.Touch(ctx, layout.UserKey(p.UserID), "last_activity_on", string(day), string(before))
}
