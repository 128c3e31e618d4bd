package record

import (
	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// Installation is what is set for the whole installation: settings with storages, and messages to everybody.
type Installation struct {
	Settings
	Broadcasts []gitlab.Broadcast `json:"-"`
}

// InstallationRecord is the installation's settings and messages in all their copies, which change together. The
// first copy of the settings is the one that carries the version.
func InstallationRecord(in *Installation) *Record {
	r := newRecord(layout.InstanceKey(0), in)
	r.attrs = table.Encode(in.Settings)
	list := table.Maps(in.Broadcasts)
	for n := range layout.Copies {
		if n > 0 {
			r.own(layout.InstanceKey(n), r.attrs)
		}
		r.own(layout.BroadcastKey(n), table.Item{"broadcasts": list})
	}
	return r
}

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

// DefaultSettings are those of GitLab itself, so that a new installation answers before anybody has described it.
func DefaultSettings() Settings { return Settings{Instance: gitlab.DefaultInstance()} }
