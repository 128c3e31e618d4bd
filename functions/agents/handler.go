package agents

import (
	"context"
	"net/http"

	"postern/shared/agent"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store"
)

// Store is what the family asks of the table.
type Store interface {
	agent.Store
	Count(ctx context.Context, counters map[string]int64) error
	AddMembers(context.Context, []store.Member) error
	KeepAgentEvents(context.Context, []store.AgentEvent) error
	// KeepAgentConfiguration returns store.ErrNotFound when there is no such agent.
	KeepAgentConfiguration(context.Context, gitlab.ID, store.AgentConfiguration) error
}

// Deps are what the family works with.
type Deps struct {
	Store Store
	KAS   httpapi.Authenticator // verifies kas
	HTTP  httpapi.Options
}

// Routes returns the family's route table. The second lock of some, the agent's token, is one that only the table can
// open: their handlers begin with it.
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

// noContent answers what has no result.
func noContent() httpapi.Response { return httpapi.Response{Status: http.StatusNoContent} }
