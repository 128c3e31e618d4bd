package record

import (
	"testing"

	"postern/shared/gitlab"
)

func TestStorageByName(t *testing.T) {
	s := Settings{
		Instance: gitlab.Instance{DefaultStorage: "main"},
		Storages: map[string]gitlab.Storage{"main": {Address: "unix:/a"}, "other": {Address: "unix:/b"}},
	}
	rows := []struct{ name, ask, want, address string }{
		{"no name is the default", "", "main", "unix:/a"},
		{"by name", "other", "other", "unix:/b"},
		{"an unknown one has no address", "none", "none", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := s.Storage(row.ask); got.Name != row.want || got.Address != row.address {
				t.Errorf("got %+v", got)
			}
		})
	}
}
