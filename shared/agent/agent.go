// Package agent lets agents in by their tokens: what the families have in common that kas asks. Kas itself is let in by
// the route, before a handler is reached; the agent's token is one that only the table can judge.
package agent

import (
	"context"
	"errors"

	"postern/shared/auth"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store"
)

// Store is what is asked of the table.
type Store interface {
	// LoadAgent returns store.ErrNotFound when the token opens nothing.
	LoadAgent(context.Context, store.AgentQuery) (store.AgentContext, error)
	TouchAgent(context.Context, *store.AgentContext) error
}

// Load reads the agent whose token a request has, with what else the query asks for; the query's digest is filled in here.
// A token that opens nothing is 401, whatever is the reason; the log alone knows it.
func Load(ctx context.Context, s Store, p *httpapi.Params, q store.AgentQuery) (store.AgentContext, error) {
	line := requestlog.From(ctx)
	token, err := auth.AgentToken(p.Header())
	if err != nil {
		line.SetCause(err)
		return store.AgentContext{}, httpapi.Unauthorized()
	}
	q.Digest = gitlab.TokenDigest(token)
	loaded, err := s.LoadAgent(ctx, q)
	if errors.Is(err, store.ErrNotFound) {
		return loaded, httpapi.Unauthorized()
	}
	if err != nil {
		return loaded, err
	}
	line.SetActor("agent-" + loaded.Agent.Name)
	line.SetCause(s.TouchAgent(ctx, &loaded)) // an answer does not depend on it
	return loaded, nil
}
