package store

import (
	"context"
	"errors"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// AgentConfiguration is what kas read from an agent's configuration file; each is JSON, "" when there is none.
type AgentConfiguration struct {
	Config     string `json:"config,omitempty"`
	CIAccess   string `json:"ci_access,omitempty"`
	UserAccess string `json:"user_access,omitempty"`
}

// KeepAgentConfiguration keeps the configuration with its agent, in the place of the one before. ErrNotFound says that
// there is no such agent.
func (s *Store) KeepAgentConfiguration(ctx context.Context, agent gitlab.ID, c AgentConfiguration) error {
	err := s.db.Transact(ctx, []table.Write{
		checkPresent(agentKey(agent)),
		{Verb: table.Put, Key: agentConfigurationKey(agent), Item: encode(c)},
	})
	if errors.Is(err, ErrConflict) {
		return ErrNotFound
	}
	return err
}

// AgentConfiguration reads the configuration of an agent; the zero value when kas has told none.
func (s *Store) AgentConfiguration(ctx context.Context, agent gitlab.ID) (AgentConfiguration, error) {
	k := agentConfigurationKey(agent)
	items, err := s.batchGet(ctx, []Key{k})
	if err != nil || items[k] == nil {
		return AgentConfiguration{}, err
	}
	var c AgentConfiguration
	return c, decode(items[k], &c)
}
