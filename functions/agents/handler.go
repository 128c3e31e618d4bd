package agents

import (
	"context"
	"net/http"

	"postern/shared/agent"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/agents"
	"postern/shared/store/limits"
)

// Store is the part of the table that the family uses.
type Store interface {
	agent.Store
	Count(ctx context.Context, counters map[string]int64) error
	AddMembers(context.Context, []limits.Member) error
	KeepAgentEvents(context.Context, []agents.AgentEvent) error
	// KeepAgentConfiguration returns store.ErrNotFound for an unknown agent.
	KeepAgentConfiguration(context.Context, gitlab.ID, agents.AgentConfiguration) error
}

// Deps are the dependencies of the family.
type Deps struct {
	Store Store
	KAS   httpapi.Authenticator // verifies kas
	HTTP  httpapi.Options
}

// Routes returns the family's route table. Routes with the agent's token also check that token in their handlers, because
// only the table can verify it.
func Routes(d Deps) []httpapi.Route {
	h := &handler{store: d.Store}
	const base = "/internal/kubernetes/"
	return []httpapi.Route{
		{Method: http.MethodGet, Path: base + "agent_info", Auth: d.KAS, Handler: h.agentInfo},
		{Method: http.MethodGet, Path: "/internal/agents/agentk/agent_info", Auth: d.KAS, Handler: h.agentInfo},
		{Method: http.MethodGet, Path: base + "project_info", Auth: d.KAS, Handler: h.projectInfo},
		{Method: http.MethodGet, Path: base + "verify_project_access", Auth: d.KAS, Handler: h.verifyProjectAccess},
		{Method: http.MethodPost, Path: base + "usage_metrics", Auth: d.KAS, Handler: h.usageMetrics},
		{Method: http.MethodPost, Path: base + "agent_events", Auth: d.KAS, Handler: h.agentEvents},
		{Method: http.MethodPost, Path: base + "agent_configuration", Auth: d.KAS, Handler: h.agentConfiguration},
	}
}

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family = "agents"
	return httpapi.New(Routes(d), d.HTTP)
}

type handler struct {
	store Store
}

func noContent() httpapi.Response { return httpapi.Response{Status: http.StatusNoContent} }
