package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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
	consistent := true
	out, err := s.api.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:              &s.table,
		Key:                    instanceKey(s.copy).item(),
		ConsistentRead:         &consistent,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return Settings{}, failed("GetItem", err)
	}
	countRead(ctx, out.ConsumedCapacity)
	if out.Item == nil {
		return defaultSettings(), nil
	}
	var settings Settings
	return settings, decode(out.Item, &settings)
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
