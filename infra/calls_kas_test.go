package infra_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
)

// agentCalls are requests of kas.
func agentCalls() []*http.Request {
	const users = "k8s_api_proxy_requests_unique_users_via_ci_access"
	post := func(route, body string) *http.Request { return kasCall(http.MethodPost, route, body) }
	return []*http.Request{
		query("kubernetes/agent_info"),
		query("kubernetes/project_info", "id", "acme/oldname"),
		query("kubernetes/project_info", "id", "8"),
		post("usage_metrics", `{"counters":{"gitops_sync":1},"unique_counters":{"`+users+`":[1]}}`),
		post("agent_events", `{"events":{"`+users+`":[{"user_id":1,"project_id":7}]}}`),
		post("agent_configuration", `{"agent_id":3,"agent_config":{}}`),
	}
}

// scannerCalls are requests of agents' scanners.
func scannerCalls() []*http.Request {
	const module = "modules/starboard_vulnerability"
	const found = `{"vulnerability":{"name":"n","severity":"low","location":{"kubernetes_resource":{"namespace":"d","kind":"Pod","name":"n",` +
		`"container":"c"}},"identifiers":[{"type":"cve","name":"CVE-1"}]},"scanner":{"id":"t","name":"T","vendor":"GitLab"}}`
	return []*http.Request{
		kasCall(http.MethodPut, module, found),
		kasCall(http.MethodPost, module+"/scan_result", `{"uuids":[]}`),
		query("kubernetes/" + module + "/scan_execution_policies"),
		query("kubernetes/" + module + "/policies_configuration"),
	}
}

func kasCall(method, route, body string) *http.Request {
	r := httptest.NewRequest(method, "/api/v4/internal/kubernetes/"+route, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}
