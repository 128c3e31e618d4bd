package agents

import (
	"context"
	"time"

	"postern/shared/store/layout"
	"postern/shared/table"
)

// tokenUsedEvery is how often the use of an agent's token is written down: once an hour.
const tokenUsedEvery = time.Hour

// agentHintKept is how long it is noted where an agent's token leads.
const agentHintKept = 30 * 24 * time.Hour

// TouchAgent records the use of an agent's token, at most once an hour. It also stores the token's hint if the table has a missing
// or an old one.
func (s *Agents) TouchAgent(ctx context.Context, c *AgentContext) error {
	now := s.db.Now().UTC()
	if c.learned != nil {
		if err := s.keepAgentHint(ctx, c.digest, c.learned); err != nil {
			return err
		}
	}
	if c.Token.LastUsedAt != nil && now.Sub(*c.Token.LastUsedAt) < tokenUsedEvery {
		return nil
	}
	due := now.Add(-tokenUsedEvery).Format(time.RFC3339)
	return s.records.Touch(ctx, layout.AgentTokenKey(c.Token.ID), "last_used_at", now.Format(time.RFC3339), due)
}

// keepAgentHint stores a hint for processes without one. It expires, and with it the hints of removed tokens.
func (s *Agents) keepAgentHint(ctx context.Context, digest string, h *agentHint) error {
	return s.db.Write(ctx, table.Write{Verb: table.Put, Key: agentHintKey(digest), Item: table.Item{
		"token": table.Number(h.token), "agent": table.Number(h.agent), "project": table.Number(h.project),
		"chain": table.Numbers(h.namespaces), "expires": s.db.Expires(agentHintKept),
	}})
}
