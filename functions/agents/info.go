package agents

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"postern/shared/access"
	"postern/shared/agent"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/agents"
)

// agentInfo is the answer of agent_info. Without the agent it is the answer of project_info.
type agentInfo struct {
	ProjectID     gitlab.ID                `json:"project_id"`
	AgentID       gitlab.ID                `json:"agent_id,omitempty"`
	AgentName     string                   `json:"agent_name,omitempty"`
	Gitaly        httpapi.GitalyServer     `json:"gitaly_info"`
	Repository    httpapi.GitalyRepository `json:"gitaly_repository"`
	DefaultBranch string                   `json:"default_branch"`
}

// agentInfo returns the agent of the token and the Gitaly address of its project (internal API, agent_info).
func (h *handler) agentInfo(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	loaded, err := agent.Load(ctx, h.store, p, agents.AgentQuery{Own: true})
	if err != nil {
		return httpapi.Response{}, err
	}
	if loaded.Container == nil {
		return httpapi.Response{}, httpapi.NotFound("")
	}
	body := present(&loaded)
	body.AgentID, body.AgentName = loaded.Agent.ID, loaded.Agent.Name
	return httpapi.Response{Body: body}, nil
}

// projectInfo returns the Gitaly address of a project that the agent may read (internal API, project_info).
func (h *handler) projectInfo(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	loaded, err := h.readable(ctx, p)
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.Response{Body: present(&loaded)}, nil
}

// verifyProjectAccess answers 204 if the agent may read the project.
func (h *handler) verifyProjectAccess(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	if _, err := h.readable(ctx, p); err != nil {
		return httpapi.Response{}, err
	}
	return noContent(), nil
}

// readable loads the requested project. A project that the agent may not read gives the same 404 as an unknown one.
func (h *handler) readable(ctx context.Context, p *httpapi.Params) (agents.AgentContext, error) {
	loaded, err := agent.Load(ctx, h.store, p, named(p))
	if err != nil {
		return loaded, err
	}
	if !access.AgentReads(loaded.Agent, loaded.Container) {
		requestlog.From(ctx).SetDecision("denied", "project")
		return loaded, httpapi.NotFound("")
	}
	requestlog.From(ctx).SetDecision("allowed", "")
	return loaded, nil
}

// named parses the project's id: a number or a full path, which may be escaped twice. Invalid text becomes a path that no
// project has.
func named(p *httpapi.Params) agents.AgentQuery {
	text, _ := p.Text("id")
	if id, ok := gitlab.ParseID(text); ok {
		return agents.AgentQuery{ID: id}
	}
	if strings.Contains(text, "%") {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
	}
	return agents.AgentQuery{Path: text}
}

func present(loaded *agents.AgentContext) agentInfo {
	c := loaded.Container
	info := agentInfo{ProjectID: c.Project.ID, DefaultBranch: cmp.Or(c.Project.DefaultBranch, "main")}
	info.Gitaly, info.Repository = httpapi.Gitaly(loaded.Settings.Storage(c.Storage()), c)
	return info
}
