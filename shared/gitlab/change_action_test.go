package gitlab_test

import (
	"strings"
	"testing"

	"postern/shared/gitlab"
)

func TestAction(t *testing.T) {
	none, a, b := strings.Repeat("0", 40), strings.Repeat("a", 40), strings.Repeat("b", 40)
	rows := []struct {
		name   string
		change gitlab.Change
		want   gitlab.RefAction
	}{
		{"not there before", gitlab.Change{Old: none, New: a}, gitlab.RefCreated},
		{"there before and after", gitlab.Change{Old: a, New: b}, gitlab.RefUpdated},
		{"not there after", gitlab.Change{Old: a, New: none}, gitlab.RefRemoved},
		{"not there at all", gitlab.Change{Old: none, New: none}, gitlab.RefRemoved},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := row.change.Action(); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}
