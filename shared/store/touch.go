package store

import (
	"context"
	"time"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// tokenUsedEvery is how often the use of an agent's token is written down: once an hour.
const tokenUsedEvery = time.Hour

// agentHintKept is how long it is noted where an agent's token leads.
const agentHintKept = 30 * 24 * time.Hour

// usedEvery is how often the use of a key is written down: once a day (internal API, allowed).
const usedEvery = 24 * time.Hour

// TouchKey writes down that a key was used, if that was last done a day ago or never. The record's version stays as
// it is, so that this never collides with a directory document.
func (s *Store) TouchKey(ctx context.Context, key *gitlab.Key) error {
	now := s.now().UTC()
	if key.LastUsedAt != nil && now.Sub(*key.LastUsedAt) < usedEvery {
		return nil
	}
	due := now.Add(-usedEvery).Format(time.RFC3339)
	return s.touch(ctx, keyKey(key.ID), "last_used_at", now.Format(time.RFC3339), due)
}

// TouchUser writes down that a user downloaded today (UTC), if that is not written yet. No answer depends on it.
func (s *Store) TouchUser(ctx context.Context, user *gitlab.User) error {
	today := gitlab.DateOf(s.now())
	if user.LastActivityOn >= today {
		return nil
	}
	yesterday := gitlab.DateOf(s.now().Add(-usedEvery))
	return s.touch(ctx, userKey(user.ID), "last_activity_on", string(today), string(yesterday))
}

// TouchAgent writes down that an agent's token was used, if that was last done an hour ago or never, and where the token
// leads, if the table does not have that hint yet or has an old one.
func (s *Store) TouchAgent(ctx context.Context, c *AgentContext) error {
	now := s.now().UTC()
	if c.learned != nil {
		if err := s.keepAgentHint(ctx, c.digest, c.learned); err != nil {
			return err
		}
	}
	if c.Token.LastUsedAt != nil && now.Sub(*c.Token.LastUsedAt) < tokenUsedEvery {
		return nil
	}
	due := now.Add(-tokenUsedEvery).Format(time.RFC3339)
	return s.touch(ctx, agentTokenKey(c.Token.ID), "last_used_at", now.Format(time.RFC3339), due)
}

// keepAgentHint stores a hint for processes that have none. It runs out, so that those of tokens that are gone do.
func (s *Store) keepAgentHint(ctx context.Context, digest string, h *agentHint) error {
	return s.db.Write(ctx, table.Write{Verb: table.Put, Key: agentHintKey(digest), Item: Item{
		"token": number(h.token), "agent": number(h.agent), "project": number(h.project),
		"chain": numbers(h.namespaces), "expires": s.db.Expires(agentHintKept),
	}})
}

// touch sets an attribute of an existing item, unless another request has set it to later than due already.
func (s *Store) touch(ctx context.Context, k Key, attribute, value, due string) error {
	_, err := s.db.WriteIf(ctx, table.Write{
		Verb: table.Update, Key: k,
		Update: "SET #a = :value", If: "attribute_exists(pk) AND (attribute_not_exists(#a) OR #a <= :due)",
		Names:  map[string]string{"#a": attribute},
		Values: Item{":value": textValue(value), ":due": textValue(due)},
	})
	return err
}
