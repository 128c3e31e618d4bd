package agents

import (
	"context"
	"net/url"
	"strings"

	"postern/shared/access"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store"
)

// agentInfo is the answer of agent_info, and without the agent that of project_info.
type agentInfo struct {
	ProjectID     gitlab.ID  `json:"project_id"`
	AgentID       gitlab.ID  `json:"agent_id,omitempty"`
	AgentName     string     `json:"agent_name,omitempty"`
	Gitaly        gitaly     `json:"gitaly_info"`
	Repository    repository `json:"gitaly_repository"`
	DefaultBranch string     `json:"default_branch"`
}

// gitaly is the server that has a repository.
type gitaly struct {
	Address  string            `json:"address"`
	Token    *string           `json:"token"`
	Features map[string]string `json:"features"`
}

type repository struct {
	StorageName                   string   `json:"storage_name"`
	RelativePath                  string   `json:"relative_path"`
	GitObjectDirectory            string   `json:"git_object_directory"`
	GitAlternateObjectDirectories []string `json:"git_alternate_object_directories"`
	GLRepository                  string   `json:"gl_repository"`
	GLProjectPath                 string   `json:"gl_project_path"`
}

// agentInfo answers whose token it is and where the agent's project lies (internal API, agent_info).
func (h *handler) agentInfo(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	loaded, err := h.load(ctx, p, store.AgentQuery{Own: true})
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

// projectInfo answers where a project lies that the agent may read (internal API, project_info).
func (h *handler) projectInfo(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	loaded, err := h.readable(ctx, p)
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.Response{Body: present(&loaded)}, nil
}

// verifyProjectAccess answers whether the agent may read a project.
func (h *handler) verifyProjectAccess(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	if _, err := h.readable(ctx, p); err != nil {
		return httpapi.Response{}, err
	}
	return noContent(), nil
}

// readable loads the project that the request names. One that the agent may not read is answered as one that is not
// there.
func (h *handler) readable(ctx context.Context, p *httpapi.Params) (store.AgentContext, error) {
	q := named(p)
	loaded, err := h.load(ctx, p, q)
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

// named reads which project is meant: a number, or a full path, which may be escaped once more than the query needs.
// What is neither names none.
func named(p *httpapi.Params) store.AgentQuery {
	text, _ := p.Text("id")
	if id, ok := gitlab.ParseID(text); ok {
		return store.AgentQuery{ID: id}
	}
	if strings.Contains(text, "%") {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
	}
	return store.AgentQuery{Path: text}
}

func present(loaded *store.AgentContext) agentInfo {
	c := loaded.Container
	storage := loaded.Settings.Storage(c.Storage())
	if storage.Features == nil {
		storage.Features = map[string]string{}
	}
	branch := c.Project.DefaultBranch
	if branch == "" {
		branch = "main"
	}
	return agentInfo{
		ProjectID: c.Project.ID,
		Gitaly:    gitaly{Address: storage.Address, Token: storage.Token, Features: storage.Features},
		Repository: repository{
			StorageName:                   storage.Name,
			RelativePath:                  c.RelativePath(),
			GitAlternateObjectDirectories: []string{},
			GLRepository:                  c.Repository.String(),
			GLProjectPath:                 c.FullPath(),
		},
		DefaultBranch: branch,
	}
}
