package agents

import (
	"context"
	"encoding/json"
	"errors"

	"postern/shared/httpapi"
	"postern/shared/store/agents"
	"postern/shared/table"
)

// longestConfiguration limits the stored JSON in bytes. Kas reads files of up to 128 KiB.
const longestConfiguration = 300 << 10

// agentConfiguration stores the configuration file of an agent as kas read it, with separate copies of its ci_access and
// user_access.
func (h *handler) agentConfiguration(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	id, given := p.ID("agent_id")
	if err := p.Err(); err != nil {
		return httpapi.Response{}, err
	}
	config, ok := p.Value("agent_config").(map[string]any)
	switch {
	case !given:
		return httpapi.Response{}, httpapi.Missing("agent_id")
	case p.Value("agent_config") == nil:
		return httpapi.Response{}, httpapi.Missing("agent_config")
	case !ok:
		return httpapi.Response{}, httpapi.Invalid("agent_config is invalid")
	}
	kept := agents.AgentConfiguration{
		Config: text(config), CIAccess: text(config["ci_access"]), UserAccess: text(config["user_access"]),
	}
	if len(kept.Config) > longestConfiguration {
		return httpapi.Response{}, httpapi.BadRequest("agent_config is too long")
	}
	err := h.store.KeepAgentConfiguration(ctx, id, kept)
	if errors.Is(err, table.ErrNotFound) {
		return httpapi.Response{}, httpapi.NotFound("")
	}
	if err != nil {
		return httpapi.Response{}, err
	}
	return noContent(), nil
}

// text encodes a decoded value as JSON, "" for nil.
func text(value any) string {
	if value == nil {
		return ""
	}
	raw, err := json.Marshal(value)
	if err != nil { // a decoded value always encodes
		return ""
	}
	return string(raw)
}
