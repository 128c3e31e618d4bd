package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"postern/shared/apitest"
	"postern/shared/auth"
)

// prod is a document with an agent, in an instance that stores findings.
const prod = `{"instance": {"edition": "ee"}, "agents": [{"id": 3, "name": "prod", "project_id": 7}],
  "agent_tokens": [{"id": 1, "agent_id": 3, "token": "agt-bench"}]}`

// module is the path of scanners' reports.
const module = "modules/starboard_vulnerability"

// report is a finding of a scanner.
const report = `{"vulnerability":{"name":"CVE-123-4567 in libc","severity":"high","location":` +
	`{"kubernetes_resource":{"namespace":"production","kind":"deployment","name":"nginx","container_name":"nginx"},` +
	`"image":"registry.example.com/nginx:1"},` +
	`"identifiers":[{"type":"cve","name":"CVE-123-4567","value":"CVE-123-4567"}]},` +
	`"scanner":{"id":"starboard_trivy","name":"Trivy","vendor":"GitLab"}}`

// used is kas's report of every minute: counters, and a new user each time.
const used = `{"counters":{"k8s_api_proxy_request":5,"gitops_sync":1},` +
	`"unique_counters":{"k8s_api_proxy_requests_unique_users_via_ci_access":[` + turn + `]}}`

// kas is a request of kas with an agent's token.
func kas(method, route string, query map[string]string, body string) []byte {
	var e events.APIGatewayProxyRequest
	if err := json.Unmarshal(event(method, "/api/v4/internal/kubernetes/"+route, query, body), &e); err != nil {
		return nil // an encoded event decodes
	}
	token, err := auth.Sign(auth.KAS, []byte(apitest.Secret), time.Now(), time.Hour)
	if err != nil {
		return nil // an HMAC of a given key always signs
	}
	for name, value := range map[string]string{"Gitlab-Kas-Api-Request": token, "Authorization": "Bearer agt-bench"} {
		e.Headers[name], e.MultiValueHeaders[http.CanonicalHeaderKey(name)] = value, []string{value}
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return nil // plain data always encodes
	}
	return raw
}

// ofAgents are the rows of kas's requests.
func (e *functions) ofAgents() []route {
	public := map[string]string{"id": "acme/pub"}
	return []route{
		{name: "agent_info", goal: 1.4, entry: e.agent, event: kas(http.MethodGet, "agent_info", nil, "")},
		{name: "project_info", goal: 1.4, entry: e.agent, event: kas(http.MethodGet, "project_info", public, "")},
		{name: "usage_metrics", entry: numbered(e.agent), event: kas(http.MethodPost, "usage_metrics", nil, used)},
		{name: "starboard report", entry: e.scans, event: kas(http.MethodPut, module, nil, report)},
		{name: "policies_configuration", entry: e.scans, event: kas(http.MethodGet, module+"/policies_configuration", nil, "")},
	}
}
