package starboard

import (
	"context"
	"net/http"
	"time"

	"postern/shared/agent"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/agents"
)

// policy is a scan execution policy in an answer. Its YAML is byte for byte the loaded one.
type policy struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Enabled     bool   `json:"enabled"`
	YAML        string `json:"yaml"`
	UpdatedAt   string `json:"updated_at"`
}

// configuration is a scan schedule of an agent.
type configuration struct {
	Cadence    string   `json:"cadence"`
	Namespaces []string `json:"namespaces"`
	UpdatedAt  string   `json:"updated_at"`
}

// policies returns the policies of the agent's project and of its ancestor groups (internal API, scan execution policies).
func (h *handler) policies(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	loaded, err := agent.Load(ctx, h.store, p, agents.AgentQuery{Own: true})
	if err != nil {
		return httpapi.Response{}, err
	}
	if !loaded.Settings.Licensed() {
		return unlicensed(http.StatusForbidden, "403 Forbidden"), nil
	}
	stored, err := h.loadPolicies(ctx, &loaded)
	if err != nil {
		return httpapi.Response{}, err
	}
	list := make([]policy, len(stored))
	for i := range stored {
		list[i] = policy{
			Name: stored[i].Name, Description: stored[i].Description, Enabled: stored[i].On(),
			YAML: stored[i].YAML, UpdatedAt: timestamp(stored[i].UpdatedAt),
		}
	}
	return httpapi.Response{Body: map[string]any{"policies": list}}, nil
}

// configuration returns one entry for each schedule of an active policy that names the agent (internal API, policy
// configuration).
func (h *handler) configuration(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	loaded, err := agent.Load(ctx, h.store, p, agents.AgentQuery{Own: true})
	if err != nil {
		return httpapi.Response{}, err
	}
	if !loaded.Settings.Licensed() {
		return unlicensed(http.StatusPaymentRequired, "Payment Required"), nil
	}
	stored, err := h.loadPolicies(ctx, &loaded)
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.Response{Body: map[string]any{"configurations": schedules(stored, loaded.Agent.Name)}}, nil
}

// loadPolicies loads the policies of the agent's project. It returns 404 if the project no longer exists.
func (h *handler) loadPolicies(ctx context.Context, loaded *agents.AgentContext) ([]gitlab.SecurityPolicy, error) {
	if loaded.Container == nil {
		return nil, httpapi.NotFound("")
	}
	return h.store.LoadPolicies(ctx, loaded.Container)
}

// schedules returns the schedules for an agent.
func schedules(policies []gitlab.SecurityPolicy, agent string) []configuration {
	list := []configuration{}
	for i := range policies {
		// Disabled policies appear in the policy list but schedule nothing.
		if !policies[i].On() {
			continue
		}
		for _, s := range policies[i].Schedules {
			if namespaces, named := s.Agents[agent]; named {
				list = append(list, configuration{
					Cadence: s.Cadence, Namespaces: append([]string{}, namespaces...), UpdatedAt: timestamp(policies[i].UpdatedAt),
				})
			}
		}
	}
	return list
}

// timestamp formats a time for these routes.
func timestamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05+00:00") }
