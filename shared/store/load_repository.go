package store

import (
	"context"

	"postern/shared/gitlab"
)

// LoadRepository reads a repository by gl_repository, nil when there is none, and the settings that say where storages are.
func (s *Store) LoadRepository(ctx context.Context, r gitlab.Repository) (Settings, *gitlab.Container, error) {
	v := s.newView()
	var settings Settings
	var found *gitlab.Container
	err := v.resolve(ctx, func() bool {
		var settingsKnown, containerKnown bool
		settings, settingsKnown = v.settings()
		found, containerKnown = v.containerByID(r)
		return settingsKnown && containerKnown
	})
	return settings, found, err
}
