package store

import (
	"context"

	"postern/shared/gitlab"
)

// ErrorTrackingContext is what LoadErrorTrackingContext found.
type ErrorTrackingContext struct {
	Settings Settings
	Project  *gitlab.Project // nil: there is none
}

// LoadErrorTrackingContext reads the settings and a project, in one round trip.
func (s *Store) LoadErrorTrackingContext(ctx context.Context, project gitlab.ID) (ErrorTrackingContext, error) {
	v := s.newView()
	var c ErrorTrackingContext
	err := v.resolve(ctx, func() bool {
		var settingsKnown bool
		c.Settings, settingsKnown = v.settings()
		if project <= 0 {
			return settingsKnown
		}
		found, known := record[gitlab.Project](v, projectKey(project))
		// What is about to be deleted takes nothing any more, and is told as what is gone.
		if found != nil && !found.PendingDelete {
			c.Project = found
		}
		return settingsKnown && known
	})
	return c, err
}
