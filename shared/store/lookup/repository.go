package lookup

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// LoadRepository reads a repository by gl_repository, nil when there is none, and the settings that say where storages are.
func (s *Loader) LoadRepository(ctx context.Context, r gitlab.Repository) (record.Settings, *gitlab.Container, error) {
	v := s.NewView()
	var settings record.Settings
	var found *gitlab.Container
	err := v.Resolve(ctx, func() bool {
		var settingsKnown, containerKnown bool
		settings, settingsKnown = v.Settings()
		found, containerKnown = v.ContainerByID(r)
		return settingsKnown && containerKnown
	})
	return settings, found, err
}
