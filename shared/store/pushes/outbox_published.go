package pushes

import (
	"context"

	"postern/shared/table"
)

// Published reports whether an item of the outbox has been dealt with altogether: its effects are there and its event is out.
func (s *Pushes) Published(ctx context.Context, k table.Key) (bool, error) {
	found, err := s.db.Get(ctx, []table.Key{k})
	if err != nil {
		return false, err
	}
	published, _ := table.Flag(found[k], "published")
	return published, nil
}

// MarkPublished says so of an item of the outbox, unless it has run out in the meantime.
func (s *Pushes) MarkPublished(ctx context.Context, k table.Key) error {
	_, err := s.db.WriteIf(ctx, table.Write{
		Verb: table.Update, Key: k, Update: "SET published = :true", If: table.Present, Values: table.Item{":true": table.Bool(true)},
	})
	return err
}
