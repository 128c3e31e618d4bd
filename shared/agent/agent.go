// Package agent authenticates agents by their tokens, for the families that kas calls. The route authenticates kas itself
// before the handler runs. Only the table can verify an agent's token.
package agent

import (
	"context"
	"errors"

	"postern/shared/auth"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/agents"
	"postern/shared/table"
)

// Store is the part of the table that the package uses.
type Store interface {
	// LoadAgent returns store.ErrNotFound for an unknown or revoked token.
	LoadAgent(context.Context, agents.AgentQuery) (agents.AgentContext, error)
	TouchAgent(context.Context, *agents.AgentContext) error
}

// Load loads the agent of the request's token and the rest of the query. It fills in the query's digest. Every invalid
// token gives the same 401. Only the log has the reason.
func Load(ctx context.Context, s Store, p *httpapi.Params, q agents.AgentQuery) (agents.AgentContext, error) {
	line := requestlog.From(ctx)
	token, err := auth.AgentToken(p.Header())
	if err != nil {
		line.SetCause(err)
		return agents.AgentContext{}, httpapi.Unauthorized()
	}
	q.Digest = gitlab.TokenDigest(token)
	loaded, err := s.LoadAgent(ctx, q)
	if errors.Is(err, table.ErrNotFound) {
		return loaded, httpapi.Unauthorized()
	}
	if err != nil {
		return loaded, err
	}
	line.SetActor("agent-" + loaded.Agent.Name)
	line.SetCause(s.TouchAgent(ctx, &loaded)) // a failure is only logged
	return loaded, nil
}
