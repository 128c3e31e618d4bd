package store

import (
	"context"

	"postern/shared/gitlab"
)

// Settings is what is set for the whole installation, with the Gitaly servers by name.
type Settings struct {
	gitlab.Instance
	Storages map[string]gitlab.Storage `json:"storages"`
}

// Storage returns a Gitaly server by name, "" being the default one.
func (s *Settings) Storage(name string) gitlab.Storage {
	if name == "" {
		name = s.DefaultStorage
	}
	// A storage that nobody has described has a name and no address: whoever connects to it says that.
	storage := s.Storages[name]
	storage.Name = name
	return storage
}

// LoadSettings reads the settings; those of an installation that nobody has described are the defaults.
func (s *Store) LoadSettings(ctx context.Context) (Settings, error) {
	item, err := s.db.GetOne(ctx, instanceKey(s.copy))
	if err != nil {
		return Settings{}, err
	}
	if item == nil {
		return defaultSettings(), nil
	}
	var settings Settings
	return settings, decode(item, &settings)
}

// defaultSettings are those of GitLab itself, so that a new installation answers before anybody has described it.
func defaultSettings() Settings { return Settings{Instance: gitlab.DefaultInstance()} }

// settings evaluates the settings in this process's copy.
func (v *view) settings() (Settings, bool) {
	settings, known := record[Settings](v, instanceKey(v.store.copy))
	if settings == nil {
		return defaultSettings(), known
	}
	return *settings, true
}

// broadcasts evaluates the broadcast messages in this process's copy.
func (v *view) broadcasts() ([]gitlab.Broadcast, bool) {
	found, known := record[struct {
		Broadcasts []gitlab.Broadcast `json:"broadcasts"`
	}](v, broadcastKey(v.store.copy))
	if found == nil {
		return nil, known
	}
	return found.Broadcasts, true
}
