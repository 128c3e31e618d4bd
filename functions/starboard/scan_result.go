package starboard

import (
	"context"
	"net/http"
	"strings"

	"postern/shared/agent"
	"postern/shared/httpapi"
	"postern/shared/store"
)

// scanResult resolves the agent's findings that its scanner did not see any more (internal API, resolve Starboard
// vulnerabilities). A call that was cut off is finished by the next one.
func (h *handler) scanResult(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	loaded, err := agent.Load(ctx, h.store, p, store.AgentQuery{})
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

// decodeUUIDs reads what the scanner still sees. An empty list says that it sees nothing, and resolves everything; a missing
// one says nothing.
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
