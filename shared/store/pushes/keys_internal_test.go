package pushes

import (
	"testing"

	"postern/shared/gitlab"
	"postern/shared/table"
)

func TestBeginsInOutbox(t *testing.T) {
	app := gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}
	rows := []struct {
		name string
		key  table.Key
		want bool
	}{
		{"a push", outboxKey(app, "p", 0), true},
		{"a further part of its changes", outboxKey(app, "p", 1), false},
		{"an event around an agent", table.Key{PK: "outbox#agent_event#e", SK: "2026-05-01"}, true},
		{"what is elsewhere", leaseKey("project-7"), false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := BeginsInOutbox(row.key); got != row.want {
				t.Errorf("%v: %t, want %t", row.key, got, row.want)
			}
		})
	}
}

func TestMessageKeyNamesUserAndRepository(t *testing.T) {
	if got := messageKey(1, "project-7", "moved").String(); got != "message#1#project-7/moved" {
		t.Errorf("got %s", got)
	}
}
