package record

import (
	"context"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// UsedEvery is how often the use of a key is written down: once a day (internal API, allowed).
const UsedEvery = 24 * time.Hour

// TouchKey writes down that a key was used, if that was last done a day ago or never. The record's version stays as
// it is, so that this never collides with a directory document.
func (s *Directory) TouchKey(ctx context.Context, key *gitlab.Key) error {
	now := s.db.Now().UTC()
	if key.LastUsedAt != nil && now.Sub(*key.LastUsedAt) < UsedEvery {
		return nil
	}
	due := now.Add(-UsedEvery).Format(time.RFC3339)
	return s.Touch(ctx, layout.KeyKey(key.ID), "last_used_at", now.Format(time.RFC3339), due)
}

// TouchUser writes down that a user downloaded today (UTC), if that is not written yet. No answer depends on it.
func (s *Directory) TouchUser(ctx context.Context, user *gitlab.User) error {
	today := gitlab.DateOf(s.db.Now())
	if user.LastActivityOn >= today {
		return nil
	}
	yesterday := gitlab.DateOf(s.db.Now().Add(-UsedEvery))
	return s.Touch(ctx, layout.UserKey(user.ID), "last_activity_on", string(today), string(yesterday))
}

// Touch sets an attribute of an existing item, unless another request has set it to later than due already.
func (s *Directory) Touch(ctx context.Context, k table.Key, attribute, value, due string) error {
	_, err := s.db.WriteIf(ctx, table.Write{
		Verb: table.Update, Key: k,
		Update: "SET #a = :value", If: "attribute_exists(pk) AND (attribute_not_exists(#a) OR #a <= :due)",
		Names:  map[string]string{"#a": attribute},
		Values: table.Item{":value": table.String(value), ":due": table.String(due)},
	})
	return err
}
