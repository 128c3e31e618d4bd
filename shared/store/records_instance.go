package store

import (
	"postern/shared/gitlab"
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
	r := newRecord(instanceKey(0), in)
	r.attrs = encode(in.Settings)
	list := table.Maps(in.Broadcasts)
	for n := range Copies {
		if n > 0 {
			r.own(instanceKey(n), r.attrs)
		}
		r.own(broadcastKey(n), Item{"broadcasts": list})
	}
	return r
}
