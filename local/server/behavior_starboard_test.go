package server

import (
	"encoding/json"
	"strings"
	"testing"

	"postern/shared/apitest"
	"postern/shared/store/agents"
)

const (
	finding = `{"vulnerability":{"name":"CVE-123-4567 in libc","severity":"high","confidence":"unknown","location":{"kubernetes_resource":{"namespace":"production","kind":"deployment","name":"nginx","container":"nginx"}},"identifiers":[{"type":"cve","name":"CVE-123-4567","value":"CVE-123-4567"}]},"scanner":{"id":"starboard_trivy","name":"Trivy","vendor":"GitLab"}}`
	newest  = `{"vulnerability":{"name":"n","severity":"High","location":{"image":"registry:5000/i:1","kubernetes_resource":{"namespace":"d","kind":"Pod","name":"n","container_name":"c","agent_id":"3"}},"identifiers":[{"type":"cve","name":"CVE-1","url":"u"}]},"scanner":{"id":"t","name":"T","vendor":{"name":"GitLab"}}}`
)

func TestBehaviorStarboard(t *testing.T) {
	api := serve(t, agentWorld)
	uuidOf := func(token, body string) string {
		uuid, _ := reported(token, body).send(t, api).Object()["uuid"].(string)
		return uuid
	}
	one := uuidOf("agt-prod", finding)
	if one == "" || uuidOf("agt-prod", strings.Replace(finding, "high", "low", 1)) != one {
		t.Fatalf("case K17: %q, and another for the same finding", one)
	}
	other, two := uuidOf("agt-edge", finding), uuidOf("agt-prod", newest)
	if other == one || two == "" {
		t.Errorf("cases K18, K19: %q, %q, %q", one, other, two)
	}
	state := func(agent int64, uuid, want string) {
		t.Helper()
		if f, err := api.Store.Finding(t.Context(), agent, uuid); err != nil || f.State != want {
			t.Errorf("finding %s is %q, %v; want %s", uuid, f.State, err, want)
		}
	}
	result := func(body string) agentCall {
		return agentCall{method: "POST", path: scanner + "/scan_result", token: "agt-prod", body: body}
	}
	runAgents(t, api, []agentCase{
		{"K20", "a vulnerability that is not an object", reported("agt-prod", `{"vulnerability":"invalid"}`), 400, `={"error":"vulnerability is invalid, scanner is missing, scanner[id] is missing, scanner[name] is missing, scanner[vendor] is missing"}`},
		{"K20", "nothing", reported("agt-prod", `{}`), 400, `{"error":"vulnerability is missing, vulnerability[name] is missing, vulnerability[severity] is missing, vulnerability[location] is missing`},
		{"K20", "no token before bad input", reported("nope", `{}`), 401, "=" + unauthorized},
		{"K21", "an unknown severity", reported("agt-prod", strings.Replace(finding, "high", "awful", 1)), 400, `={"error":"vulnerability[severity] is invalid"}`},
		{"K21", "another agent's id", reported("agt-edge", newest), 400, `={"error":"vulnerability[location][kubernetes_resource][agent_id] is invalid"}`},
		{"K22", "one of two findings is listed", result(`{"uuids":["` + strings.ToUpper(two) + `","unknown"]}`), 200, "={}"},
		{"K24", "uuids that are not a list", result(`{"uuids":-1}`), 400, `={"error":"uuids is invalid"}`},
		{"K24", "missing uuids", result(`{}`), 400, `={"error":"uuids is missing"}`},
	})
	state(3, one, agents.FindingResolved)
	state(3, two, agents.FindingDetected)
	state(4, other, agents.FindingDetected)
	uuidOf("agt-prod", finding) // case K23
	state(3, one, agents.FindingDetected)
	result(`{"uuids":[]}`).send(t, api)
	state(3, one, agents.FindingResolved)
	state(4, other, agents.FindingDetected)

	apitest.Apply(t, api.Store, []byte(`{"instance":{"edition":"ce"}}`))
	runAgents(t, api, []agentCase{
		{"K27", "unlicensed report", reported("agt-prod", finding), 403, `={"message":"403 Forbidden"}`},
		{"K27", "unlicensed result", result(`{"uuids":[]}`), 403, `={"message":"403 Forbidden"}`},
		{"K27", "unlicensed policies", inquire(scanner+"/scan_execution_policies", "agt-prod"), 403, `={"message":"403 Forbidden"}`},
		{"K27", "unlicensed configuration", inquire(scanner+"/policies_configuration", "agt-prod"), 402, `={"message":"Payment Required"}`},
	})
}

func TestBehaviorPolicies(t *testing.T) {
	policy := func(place, name, yaml string) string {
		raw, err := json.Marshal(yaml)
		if err != nil {
			t.Fatal(err)
		}
		return `{` + place + `,"name":"` + name + `","type":"scan_execution","updated_at":"2022-06-02T05:36:26Z","yaml":` + string(raw) + `}`
	}
	const schedule = "rules:\n- type: schedule\n  cadence: 30 2 * * *\n  agents:\n    prod:\n      namespaces:\n      - namespace-a\n      - namespace-b\n"
	api := serve(t, agentWorld, `{"security_policies":[`+strings.Join([]string{
		policy(`"project_id":7`, "a", "---\nname: a\ndescription: 'd'\nenabled: true\n"+schedule),
		policy(`"project_id":7`, "off", "enabled: false\n"+schedule),
		policy(`"project_id":7`, "pipe", "rules:\n- type: pipeline\n  branches: [main]\n"),
		policy(`"namespace_id":20`, "group", "rules:\n- type: schedule\n  cadence: '@daily'\n  agents: {prod: {}}\n"),
	}, ",")+`]}`)
	const at = `"updated_at":"2022-06-02T05:36:26+00:00"}`
	runAgents(t, api, []agentCase{
		{"K25", "schedules with the agent", inquire(scanner+"/policies_configuration", "agt-prod"), 200, `={"configurations":[{"cadence":"30 2 * * *","namespaces":["namespace-a","namespace-b"],` + at + `,{"cadence":"@daily","namespaces":[],` + at + `]}`},
		{"K25", "no schedule with the agent", inquire(scanner+"/policies_configuration", "agt-edge"), 200, `={"configurations":[]}`},
		{"K26", "policies with their original YAML", inquire(scanner+"/scan_execution_policies/", "agt-prod"), 200, `{"policies":[{"name":"a","description":"d","enabled":true,"yaml":"---\nname: a\ndescription: 'd'\nenabled: true\nrules:\n`},
		{"K26", "a disabled policy", inquire(scanner+"/scan_execution_policies", "agt-prod"), 200, `"name":"off","description":"","enabled":false`},
		{"K26", "no policies of other projects", inquire(scanner+"/scan_execution_policies", "agent-token-1"), 200, `={"policies":[]}`},
	})
}
