package store

import (
	"context"

	"postern/shared/table"
)

// Published reports whether an item of the outbox has been dealt with altogether: its effects are there and its event is out.
func (s *Store) Published(ctx context.Context, k Key) (bool, error) {
	found, err := s.batchGet(ctx, []Key{k})
	if err != nil {
		return false, err
	}
	published, _ := table.Flag(found[k], "published")
	return published, nil
}

// MarkPublished says so of an item of the outbox, unless it has run out in the meantime.
func (s *Store) MarkPublished(ctx context.Context, k Key) error {
	_, err := s.db.WriteIf(ctx, table.Write{
		Verb: table.Update, Key: k, Update: "SET published = :true", If: table.Present, Values: Item{":true": table.Bool(true)},
	})
	return err
}
