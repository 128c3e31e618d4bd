package scimkeys

import (
	"testing"

	"postern/shared/gitlab"
)

func TestSCIMKeysNameTheTenant(t *testing.T) {
	group := gitlab.ID(20)
	rows := []struct {
		name   string
		tenant *gitlab.ID
		want   string
	}{
		{"a group", &group, "scim#20/identity#u"},
		{"the instance", nil, "scim#instance/identity#u"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := Identity(Tenant(row.tenant), "u").String(); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}
