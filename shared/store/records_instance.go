package store

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
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
	list := make([]types.AttributeValue, len(in.Broadcasts))
	for i := range in.Broadcasts {
		list[i] = &types.AttributeValueMemberM{Value: encode(in.Broadcasts[i])}
	}
	for n := range Copies {
		if n > 0 {
			r.own(instanceKey(n), r.attrs)
		}
		r.own(broadcastKey(n), Item{"broadcasts": &types.AttributeValueMemberL{Value: list}})
	}
	return r
}
