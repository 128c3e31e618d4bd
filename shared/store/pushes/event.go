package pushes

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// pushEventTime is how long it is kept what pushes did.
const pushEventTime = 90 * 24 * time.Hour

// PushEvent is what a push did to one ref.
type PushEvent struct {
	PushID     string
	Ref        string // of any bytes
	Old        string
	New        string
	Action     gitlab.RefAction
	Forced     *bool // nil: not known
	UserID     gitlab.ID
	Identifier string
	RequestID  string
	At         time.Time
}

// PushEvents returns what pushes did to refs of a project from a time until before another one, the oldest first, at most
// limit of them.
func (s *Pushes) PushEvents(ctx context.Context, project gitlab.ID, from, to time.Time, limit int) ([]PushEvent, error) {
	partition := pushEventKey(project, from, "", 0).PK
	// Keys of the second time itself are longer, and so come after it.
	first := table.Key{PK: partition, SK: from.UTC().Format(layout.SortableTime)}
	last := table.Key{PK: partition, SK: to.UTC().Format(layout.SortableTime)}
	var list []PushEvent
	err := s.db.Between(ctx, first, last, limit, func(item table.Item) error {
		event, err := decodePushEvent(item)
		list = append(list, event)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// pushEventWrite creates the item of what a push did to the ref at an index of its changes.
func pushEventWrite(p *gitlab.Push, index int, forced *bool) table.Write {
	c := &p.Changes[index]
	item := table.Item{"push_id": table.String(p.ID), "ref": refValue(c.Ref)}
	item["old"], item["new"] = table.String(c.Old), table.String(c.New)
	item["action"], item["user_id"] = table.String(string(c.Action())), table.Number(p.UserID)
	item["identifier"], item["request_id"] = table.String(p.Identifier), table.String(p.RequestID)
	item["at"], item["expires"] = table.String(p.At.UTC().Format(layout.SortableTime)), table.Number(p.At.Add(pushEventTime).Unix())
	// Left out where Gitaly did not say: not known is another thing than not forced.
	if forced != nil {
		item["forced"] = table.Bool(*forced)
	}
	return table.PutNew(pushEventKey(p.Repository.ID, p.At, p.ID, index), item)
}

// refValue is the name of a ref: as bytes when it is no text.
func refValue(ref string) table.Value {
	if utf8.ValidString(ref) {
		return table.String(ref)
	}
	return table.Bytes([]byte(ref))
}

// decodePushEvent reads what pushEventWrite writes.
func decodePushEvent(item table.Item) (PushEvent, error) {
	at, err := time.Parse(time.RFC3339Nano, table.Text(item, "at"))
	if err != nil {
		return PushEvent{}, fmt.Errorf("store: item %s: %w", table.KeyOf(item), err)
	}
	e := PushEvent{
		PushID: table.Text(item, "push_id"), Ref: table.Text(item, "ref"), Old: table.Text(item, "old"), New: table.Text(item, "new"),
		Action: gitlab.RefAction(table.Text(item, "action")), UserID: table.Integer(item, "user_id"),
		Identifier: table.Text(item, "identifier"), RequestID: table.Text(item, "request_id"), At: at,
	}
	if raw, ok := table.Binary(item, "ref"); ok {
		e.Ref = string(raw)
	}
	if forced, ok := table.Flag(item, "forced"); ok {
		e.Forced = &forced
	}
	return e, nil
}

// pushEventKey is what a push did to the ref at an index of its changes. Those of a project lie in the order of their times.
func pushEventKey(project gitlab.ID, at time.Time, push string, index int) table.Key {
	place := fmt.Sprintf("%s#%s#%06d", at.UTC().Format(layout.SortableTime), push, index)
	return table.Key{PK: "pushevents#project-" + table.ID(project), SK: place}
}
