package store

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"postern/shared/gitlab"
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
func (s *Store) PushEvents(ctx context.Context, project gitlab.ID, from, to time.Time, limit int) ([]PushEvent, error) {
	partition := pushEventKey(project, from, "", 0).PK
	// Keys of the second time itself are longer, and so come after it.
	first := Key{PK: partition, SK: from.UTC().Format(sortableTime)}
	last := Key{PK: partition, SK: to.UTC().Format(sortableTime)}
	var list []PushEvent
	err := s.between(ctx, first, last, limit, func(item Item) error {
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
	item := Item{"push_id": textValue(p.ID), "ref": refValue(c.Ref)}
	item["old"], item["new"] = textValue(c.Old), textValue(c.New)
	item["action"], item["user_id"] = textValue(string(c.Action())), number(p.UserID)
	item["identifier"], item["request_id"] = textValue(p.Identifier), textValue(p.RequestID)
	item["at"], item["expires"] = textValue(p.At.UTC().Format(sortableTime)), number(p.At.Add(pushEventTime).Unix())
	// Left out where Gitaly did not say: not known is another thing than not forced.
	if forced != nil {
		item["forced"] = table.Bool(*forced)
	}
	return table.PutNew(pushEventKey(p.Repository.ID, p.At, p.ID, index), item)
}

// refValue is the name of a ref: as bytes when it is no text.
func refValue(ref string) table.Value {
	if utf8.ValidString(ref) {
		return textValue(ref)
	}
	return table.Bytes([]byte(ref))
}

// decodePushEvent reads what pushEventWrite writes.
func decodePushEvent(item Item) (PushEvent, error) {
	at, err := time.Parse(time.RFC3339Nano, text(item, "at"))
	if err != nil {
		return PushEvent{}, fmt.Errorf("store: item %s: %w", keyOf(item), err)
	}
	e := PushEvent{
		PushID: text(item, "push_id"), Ref: text(item, "ref"), Old: text(item, "old"), New: text(item, "new"),
		Action: gitlab.RefAction(text(item, "action")), UserID: integer(item, "user_id"),
		Identifier: text(item, "identifier"), RequestID: text(item, "request_id"), At: at,
	}
	if raw, ok := table.Binary(item, "ref"); ok {
		e.Ref = string(raw)
	}
	if forced, ok := table.Flag(item, "forced"); ok {
		e.Forced = &forced
	}
	return e, nil
}
