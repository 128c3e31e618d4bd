package agents_test

import (
	"slices"
	"strings"
	"testing"
)

// Of events all of a request are kept, or none; what is kept is what is known of them.
func TestWhatIsKeptOfEvents(t *testing.T) {
	const registers = "register_agent_at_kas"
	rows := []struct {
		name, events string
		answer       string // "" when they are kept
		kept         []string
	}{
		{"ids", `"` + users + `":[{"user_id":2,"project_id":"7","color":"red"}]`, "", []string{users + ` {"project_id":7,"user_id":2}`}},
		{"a user that is not there", `"` + users + `":[{"user_id":999,"project_id":999}]`, "", []string{users + ` {"project_id":999,"user_id":999}`}},
		{"null", `"` + users + `":null`, "", nil},
		{"other names", `"later":[{"user_id":"x"}]`, "", nil},
		{
			"an agent with all that it says", `"` + registers + `":[{"project_id":7,"agent_id":3,"agent_version":"17.1","architecture":"arm64",` +
				`"kubernetes_version":"1.30","extra_telemetry_data":{"installation_method":"helm","helm_chart_version":"2.0"}}]`,
			"",
			[]string{registers + ` {"agent_id":3,"agent_version":"17.1","architecture":"arm64","helm_chart_version":"2.0","installation_method":"helm","kubernetes_version":"1.30","project_id":7}`},
		},
		{
			"one mistake among good ones", `"` + users + `":[{"user_id":1,"project_id":1},{"user_id":true,"project_id":1}]`,
			`{"error":"events[` + users + `][1][user_id] is invalid"}`, nil,
		},
		{"no list", `"` + users + `":{"user_id":1}`, `{"error":"events[` + users + `] is invalid"}`, nil},
		{"no object", `"` + users + `":[1]`, `{"error":"events[` + users + `][0] is invalid"}`, nil},
		{
			"texts that are none", `"` + registers + `":[{"project_id":7,"agent_version":1,"extra_telemetry_data":{"installation_method":[]}}]`,
			`{"error":"events[` + registers + `][0][agent_version] is invalid, events[` + registers + `][0][installation_method] is invalid"}`, nil,
		},
		{
			"telemetry that is none", `"` + registers + `":[{"project_id":7,"extra_telemetry_data":"x"}]`,
			`{"error":"events[` + registers + `][0][extra_telemetry_data] is invalid"}`, nil,
		},
		{"too many", `"` + users + `":[` + strings.Repeat("{},", 10_000) + `{}]`, `{"message":"400 Bad request - events must have at most 10000 entries"}`, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := serve(t, &faulty{})
			got := tell(t, api, "agent_events", `{"events":{`+row.events+`}}`)
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

// A configuration is kept with its agent, in the place of the one before, and nothing of one that is refused.
func TestWhatIsKeptOfAConfiguration(t *testing.T) {
	api := serve(t, &faulty{})
	rows := []struct {
		name, body, answer string // "" when it is kept
		config, ci, user   string // that are there afterwards
	}{
		{"none", `{"agent_id":3}`, `{"error":"agent_config is missing"}`, "", "", ""},
		{
			"whom it lets in", `{"agent_id":"3","agent_config":{"ci_access":{"projects":[{"id":"acme/app"}]},"user_access":{"groups":[]},"gitops":{}}}`, "",
			`{"ci_access":{"projects":[{"id":"acme/app"}]},"gitops":{},"user_access":{"groups":[]}}`, `{"projects":[{"id":"acme/app"}]}`, `{"groups":[]}`,
		},
		{"a text", `{"agent_id":3,"agent_config":"x"}`, `{"error":"agent_config is invalid"}`, `{"ci_access":{"projects":[{"id":"acme/app"}]},"gitops":{},"user_access":{"groups":[]}}`, `{"projects":[{"id":"acme/app"}]}`, `{"groups":[]}`},
		{"another one", `{"agent_id":3,"agent_config":{}}`, "", `{}`, "", ""},
		{"one that is too long", `{"agent_id":3,"agent_config":{"a":"` + strings.Repeat("x", 300<<10) + `"}}`, `{"message":"400 Bad request - agent_config is too long"}`, `{}`, "", ""},
		{"no agent", `{"agent_config":{}}`, `{"error":"agent_id is missing"}`, `{}`, "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := tell(t, api, "agent_configuration", row.body)
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
