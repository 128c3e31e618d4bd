package agents_test

import (
	"slices"
	"strings"
	"testing"
)

// A request stores all of its events or none, and only the known fields.
func TestAgentEventsStoresAllOrNothing(t *testing.T) {
	const registers = "register_agent_at_kas"
	rows := []struct {
		name, events string
		answer       string // "" if the events are stored
		kept         []string
	}{
		{"ids", `"` + users + `":[{"user_id":2,"project_id":"7","color":"red"}]`, "", []string{users + ` {"project_id":7,"user_id":2}`}},
		{"an unknown user", `"` + users + `":[{"user_id":999,"project_id":999}]`, "", []string{users + ` {"project_id":999,"user_id":999}`}},
		{"null", `"` + users + `":null`, "", nil},
		{"unknown names", `"later":[{"user_id":"x"}]`, "", nil},
		{
			"an agent with a full description", `"` + registers + `":[{"project_id":7,"agent_id":3,"agent_version":"17.1","architecture":"arm64",` +
				`"kubernetes_version":"1.30","extra_telemetry_data":{"installation_method":"helm","helm_chart_version":"2.0"}}]`,
			"",
			[]string{registers + ` {"agent_id":3,"agent_version":"17.1","architecture":"arm64","helm_chart_version":"2.0","installation_method":"helm","kubernetes_version":"1.30","project_id":7}`},
		},
		{
			"one invalid entry of two", `"` + users + `":[{"user_id":1,"project_id":1},{"user_id":true,"project_id":1}]`,
			`{"error":"events[` + users + `][1][user_id] is invalid"}`, nil,
		},
		{"an object as list", `"` + users + `":{"user_id":1}`, `{"error":"events[` + users + `] is invalid"}`, nil},
		{"a number as entry", `"` + users + `":[1]`, `{"error":"events[` + users + `][0] is invalid"}`, nil},
		{
			"other types as text", `"` + registers + `":[{"project_id":7,"agent_version":1,"extra_telemetry_data":{"installation_method":[]}}]`,
			`{"error":"events[` + registers + `][0][agent_version] is invalid, events[` + registers + `][0][installation_method] is invalid"}`, nil,
		},
		{
			"a string as telemetry", `"` + registers + `":[{"project_id":7,"extra_telemetry_data":"x"}]`,
			`{"error":"events[` + registers + `][0][extra_telemetry_data] is invalid"}`, nil,
		},
		{"too many events", `"` + users + `":[` + strings.Repeat("{},", 10_000) + `{}]`, `{"message":"400 Bad request - events must have at most 10000 entries"}`, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := serve(t, &faulty{})
			got := post(t, api, "agent_events", `{"events":{`+row.events+`}}`)
			if want := map[bool]int{true: 204, false: 400}[row.answer == ""]; got.Status != want || got.Body != row.answer {
				t.Errorf("%d %.300s, want %d %s", got.Status, got.Body, want, row.answer)
			}
			var kept []string
			for _, item := range api.Table.All(t) {
				if item["kind"] == "agent_event" {
					kept = append(kept, item["name"].(string)+" "+item["payload"].(string))
				}
			}
			if !slices.Equal(kept, row.kept) {
				t.Errorf("kept %q, want %q", kept, row.kept)
			}
		})
	}
}

// A new configuration replaces the stored one. A rejected one changes nothing.
func TestAgentConfigurationReplacesStored(t *testing.T) {
	api := serve(t, &faulty{})
	rows := []struct {
		name, body, answer string // "" if the configuration is stored
		config, ci, user   string // stored afterwards
	}{
		{"no configuration", `{"agent_id":3}`, `{"error":"agent_config is missing"}`, "", "", ""},
		{
			"access rules", `{"agent_id":"3","agent_config":{"ci_access":{"projects":[{"id":"acme/app"}]},"user_access":{"groups":[]},"gitops":{}}}`, "",
			`{"ci_access":{"projects":[{"id":"acme/app"}]},"gitops":{},"user_access":{"groups":[]}}`, `{"projects":[{"id":"acme/app"}]}`, `{"groups":[]}`,
		},
		{"a string", `{"agent_id":3,"agent_config":"x"}`, `{"error":"agent_config is invalid"}`, `{"ci_access":{"projects":[{"id":"acme/app"}]},"gitops":{},"user_access":{"groups":[]}}`, `{"projects":[{"id":"acme/app"}]}`, `{"groups":[]}`},
		{"a replacement", `{"agent_id":3,"agent_config":{}}`, "", `{}`, "", ""},
		{"too long", `{"agent_id":3,"agent_config":{"a":"` + strings.Repeat("x", 300<<10) + `"}}`, `{"message":"400 Bad request - agent_config is too long"}`, `{}`, "", ""},
		{"no agent", `{"agent_config":{}}`, `{"error":"agent_id is missing"}`, `{}`, "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := post(t, api, "agent_configuration", row.body)
			if want := map[bool]int{true: 204, false: 400}[row.answer == ""]; got.Status != want || got.Body != row.answer {
				t.Errorf("%d %.300s, want %d %s", got.Status, got.Body, want, row.answer)
			}
			c, err := api.Store.AgentConfiguration(t.Context(), 3)
			if err != nil || c.Config != row.config || c.CIAccess != row.ci || c.UserAccess != row.user {
				t.Errorf("kept %+v, %v; want %s", c, err, row.config)
			}
		})
	}
}
