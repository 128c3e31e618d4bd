package audit

import (
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// auditKey is the event of a git command in a top-level group, by its time.
func auditKey(group gitlab.ID, at time.Time, id string) table.Key {
	return table.Key{PK: "audit#" + table.ID(group), SK: "event#" + at.UTC().Format(layout.SortableTime) + "#" + id}
}

// auditSeenKey marks the request of an event as stored.
func auditSeenKey(group gitlab.ID, id string) table.Key {
	return table.Key{PK: "audit#" + table.ID(group), SK: "seen#" + id}
}

// auditChangeKey is a change that was made over the API, by the time; the tenant is a group's id, or "instance".
func auditChangeKey(tenant string, at time.Time, id string) table.Key {
	return table.Key{PK: "audit#" + tenant, SK: "change#" + at.UTC().Format(layout.SortableTime) + "#" + id}
}
