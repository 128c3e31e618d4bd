package lookup

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// LoadSettings reads the settings; those of an installation that nobody has described are the defaults.
func (s *Loader) LoadSettings(ctx context.Context) (record.Settings, error) {
	item, err := s.db.GetOne(ctx, layout.InstanceKey(s.copy))
	if err != nil {
		return record.Settings{}, err
	}
	if item == nil {
		return record.DefaultSettings(), nil
	}
	var settings record.Settings
	return settings, table.Decode(item, &settings)
}

// Settings evaluates the settings in this process's copy.
func (v *View) Settings() (record.Settings, bool) {
	settings, known := Read[record.Settings](v, layout.InstanceKey(v.store.copy))
	if settings == nil {
		return record.DefaultSettings(), known
	}
	return *settings, true
}

// Broadcasts evaluates the broadcast messages in this process's copy.
func (v *View) Broadcasts() ([]gitlab.Broadcast, bool) {
	found, known := Read[struct {
		Broadcasts []gitlab.Broadcast `json:"broadcasts"`
	}](v, layout.BroadcastKey(v.store.copy))
	if found == nil {
		return nil, known
	}
	return found.Broadcasts, true
}
