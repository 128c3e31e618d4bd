package lookup

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
)

// ErrorTrackingContext is what LoadErrorTrackingContext found.
type ErrorTrackingContext struct {
	Settings record.Settings
	Project  *gitlab.Project // nil: there is none
}

// LoadErrorTrackingContext reads the settings and a project, in one round trip.
func (s *Loader) LoadErrorTrackingContext(ctx context.Context, project gitlab.ID) (ErrorTrackingContext, error) {
	v := s.NewView()
	var c ErrorTrackingContext
	err := v.Resolve(ctx, func() bool {
		var settingsKnown bool
		c.Settings, settingsKnown = v.Settings()
		if project <= 0 {
			return settingsKnown
		}
		found, known := Read[gitlab.Project](v, layout.ProjectKey(project))
		// What is about to be deleted takes nothing any more, and is told as what is gone.
		if found != nil && !found.PendingDelete {
			c.Project = found
		}
		return settingsKnown && known
	})
	return c, err
}
