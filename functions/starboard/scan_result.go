package starboard

import (
	"context"
	"net/http"
	"strings"

	"postern/shared/agent"
	"postern/shared/httpapi"
	"postern/shared/store/agents"
)

// scanResult resolves the findings of the agent that the last scan did not list (internal API, resolve Starboard
// vulnerabilities). The next call completes an interrupted one.
func (h *handler) scanResult(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	loaded, err := agent.Load(ctx, h.store, p, agents.AgentQuery{})
	if err != nil {
		return httpapi.Response{}, err
	}
	listed, err := decodeUUIDs(p)
	switch {
	case err != nil:
		return httpapi.Response{}, err
	case !loaded.Settings.Licensed():
		return unlicensed(http.StatusForbidden, "403 Forbidden"), nil
	}
	if err := h.store.ResolveFindings(ctx, loaded.Agent.ID, listed); err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.Response{Body: struct{}{}}, nil
}

// decodeUUIDs reads the listed findings. An empty list resolves all findings. A missing list is an error.
func decodeUUIDs(p *httpapi.Params) (map[string]bool, error) {
	if !p.Has("uuids") {
		return nil, httpapi.Missing("uuids")
	}
	list, ok := p.Value("uuids").([]any)
	listed := make(map[string]bool, len(list))
	for _, entry := range list {
		uuid, isText := entry.(string)
		ok = ok && isText
		listed[strings.ToLower(uuid)] = true
	}
	if !ok {
		return nil, httpapi.Invalid("uuids is invalid")
	}
	return listed, nil
}
