package agents

import (
	"context"
	"errors"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// AgentConfiguration has the parts of an agent's configuration file that kas reported. Each is JSON, "" for a missing one.
type AgentConfiguration struct {
	Config     string `json:"config,omitempty"`
	CIAccess   string `json:"ci_access,omitempty"`
	UserAccess string `json:"user_access,omitempty"`
}

// KeepAgentConfiguration replaces the stored configuration of an agent. ErrNotFound reports an unknown agent.
func (s *Agents) KeepAgentConfiguration(ctx context.Context, agent gitlab.ID, c AgentConfiguration) error {
	err := s.db.Transact(ctx, []table.Write{
		record.CheckPresent(layout.AgentKey(agent)),
		{Verb: table.Put, Key: agentConfigurationKey(agent), Item: table.Encode(c)},
	})
	if errors.Is(err, table.ErrConflict) {
		return table.ErrNotFound
	}
	return err
}

// AgentConfiguration reads the configuration of an agent, the zero value before the first report.
func (s *Agents) AgentConfiguration(ctx context.Context, agent gitlab.ID) (AgentConfiguration, error) {
	k := agentConfigurationKey(agent)
	items, err := s.db.Get(ctx, []table.Key{k})
	if err != nil || items[k] == nil {
		return AgentConfiguration{}, err
	}
	var c AgentConfiguration
	return c, table.Decode(items[k], &c)
}
