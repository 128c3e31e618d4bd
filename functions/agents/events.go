package agents

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"postern/shared/httpapi"
	"postern/shared/store/agents"
)

// events maps the known event names to the ids of their entries (internal API, agent_events).
var events = map[string][]string{
	"k8s_api_proxy_requests_unique_users_via_ci_access":   {"user_id", "project_id"},
	"k8s_api_proxy_requests_unique_users_via_user_access": {"user_id", "project_id"},
	"k8s_api_proxy_requests_unique_users_via_pat_access":  {"user_id", "project_id"},
	"register_agent_at_kas":                               {"project_id", "agent_id"},
}

// described lists the text fields of an agent's registration.
var described = []string{"agent_version", "architecture", "kubernetes_version"}

// agentEvents stores events, each once a day (internal API, agent_events). It stores all events of a request or none.
func (h *handler) agentEvents(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	kept, err := decodeEvents(p)
	if err != nil {
		return httpapi.Response{}, err
	}
	if err := h.store.KeepAgentEvents(ctx, kept); err != nil {
		return httpapi.Response{}, err
	}
	return noContent(), nil
}

// decodeEvents reads the known events. Unknown names come from newer agents and are ignored.
func decodeEvents(p *httpapi.Params) ([]agents.AgentEvent, error) {
	value := p.Value("events")
	if value == nil {
		return nil, nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, httpapi.Invalid("events is invalid")
	}
	var kept []agents.AgentEvent
	var wrong []string
	// The sorted order keeps the list of mistakes stable.
	for _, name := range slices.Sorted(maps.Keys(events)) {
		list, ok := object[name].([]any)
		if !ok && object[name] != nil {
			wrong = append(wrong, "events["+name+"] is invalid")
		}
		for i, entry := range list {
			place := fmt.Sprintf("events[%s][%d]", name, i)
			payload, mistakes := decodeEvent(name, place, entry)
			wrong = append(wrong, mistakes...)
			kept = append(kept, agents.AgentEvent{Name: name, Payload: payload})
		}
	}
	switch {
	case len(wrong) > 0:
		return nil, httpapi.Invalid(wrong...)
	// The limit of usage_metrics applies, so that a request ends in time.
	case len(kept) > mostMembers:
		return nil, httpapi.BadRequest(fmt.Sprintf("events must have at most %d entries", mostMembers))
	}
	return kept, nil
}

// decodeEvent returns the stored part of an entry and its mistakes.
func decodeEvent(name, place string, entry any) (payload string, wrong []string) {
	fields, ok := entry.(map[string]any)
	if !ok {
		return "", []string{place + " is invalid"}
	}
	kept := map[string]any{}
	for _, id := range events[name] {
		if fields[id] == nil {
			continue
		}
		n, ok := integer(fields[id])
		if !ok {
			wrong = append(wrong, place+"["+id+"] is invalid")
		}
		kept[id] = n
	}
	if name == "register_agent_at_kas" {
		wrong = append(wrong, describe(kept, fields, place)...)
	}
	raw, err := json.Marshal(kept) // numbers and strings always encode, sorted by name
	if err != nil {
		return "", append(wrong, place+" is invalid")
	}
	return string(raw), wrong
}

// describe copies the agent's description of itself.
func describe(kept, fields map[string]any, place string) (wrong []string) {
	telemetry, ok := fields["extra_telemetry_data"].(map[string]any)
	if !ok && fields["extra_telemetry_data"] != nil {
		wrong = append(wrong, place+"[extra_telemetry_data] is invalid")
	}
	for _, part := range []struct {
		from  map[string]any
		names []string
	}{{fields, described}, {telemetry, []string{"installation_method", "helm_chart_version"}}} {
		for _, name := range part.names {
			if part.from[name] == nil {
				continue
			}
			text, ok := part.from[name].(string)
			if !ok {
				wrong = append(wrong, place+"["+name+"] is invalid")
			}
			kept[name] = text
		}
	}
	return wrong
}
