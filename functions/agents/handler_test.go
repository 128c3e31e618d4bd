package agents_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/functions/agents"
	"postern/shared/apitest"
	storeagents "postern/shared/store/agents"
	"postern/shared/store/limits"
	"postern/shared/table"
)

const (
	kas   = "/api/v4/internal/kubernetes/"
	users = "k8s_api_proxy_requests_unique_users_via_ci_access"
	form  = "application/x-www-form-urlencoded"
	world = `{"agents":[{"id":3,"name":"prod","project_id":7}],"agent_tokens":[{"id":1,"agent_id":3,"token":"agt-prod"}]}`
)

// faulty is a store with one failing operation.
type faulty struct {
	agents.Store
	load, touch, count, members, events, configuration error
}

func (f *faulty) LoadAgent(ctx context.Context, q storeagents.AgentQuery) (storeagents.AgentContext, error) {
	if f.load != nil {
		return storeagents.AgentContext{}, f.load
	}
	return f.Store.LoadAgent(ctx, q)
}

func (f *faulty) TouchAgent(ctx context.Context, c *storeagents.AgentContext) error {
	return errors.Join(f.touch, f.Store.TouchAgent(ctx, c))
}

func (f *faulty) Count(ctx context.Context, counters map[string]int64) error {
	if f.count != nil {
		return f.count
	}
	return f.Store.Count(ctx, counters)
}

func (f *faulty) AddMembers(ctx context.Context, members []limits.Member) error {
	if f.members != nil {
		return f.members
	}
	return f.Store.AddMembers(ctx, members)
}

func (f *faulty) KeepAgentEvents(ctx context.Context, events []storeagents.AgentEvent) error {
	if f.events != nil {
		return f.events
	}
	return f.Store.KeepAgentEvents(ctx, events)
}

func (f *faulty) KeepAgentConfiguration(ctx context.Context, id int64, c storeagents.AgentConfiguration) error {
	if f.configuration != nil {
		return f.configuration
	}
	return f.Store.KeepAgentConfiguration(ctx, id, c)
}

func serve(t *testing.T, f *faulty) *apitest.API {
	t.Helper()
	return apitest.Serve(t, func(d apitest.Deps) http.Handler {
		f.Store = d.Store
		return agents.New(agents.Deps{Store: f, KAS: d.KAS, HTTP: d.HTTP})
	}, apitest.Fixture(), []byte(world))
}

// call sends a request of kas with the agent's token.
func call(t *testing.T, api *apitest.API, method, route, contentType, body string) *apitest.Answer {
	t.Helper()
	r := apitest.Request(t, method, api.URL+kas+route, strings.NewReader(body))
	r.Header.Del("Gitlab-Shell-Api-Request")
	r.Header.Set("Gitlab-Kas-Api-Request", apitest.KASToken(t))
	r.Header.Set("Gitlab-Agent-Api-Request", "agt-prod")
	r.Header.Set("Content-Type", contentType)
	return api.Do(t, r)
}

func post(t *testing.T, api *apitest.API, route, body string) *apitest.Answer {
	t.Helper()
	return call(t, api, http.MethodPost, route, "application/json", body)
}

var errDown = &table.UnavailableError{Op: "UpdateItem", Err: errors.New("throttled at 10.0.0.1")}

// A failing table gives a 503 without internal details. A failed write of the token's last use does not change the answer.
func TestTableFaultGivesUnavailable(t *testing.T) {
	const usage = `{"counters":{"gitops_sync":1},"unique_counters":{"` + users + `":[1]}}`
	rows := []struct {
		name, method, route, body string
		fault                     faulty
		status                    int
	}{
		{"agent read fails", "GET", "agent_info", "", faulty{load: errDown}, 503},
		{"project read fails", "GET", "project_info?id=8", "", faulty{load: errDown}, 503},
		{"write of the token's last use fails", "GET", "agent_info", "", faulty{touch: errDown}, 200},
		{"member write fails", "POST", "usage_metrics", usage, faulty{members: errDown}, 503},
		{"counter write fails", "POST", "usage_metrics", usage, faulty{count: errDown}, 503},
		{"event write fails", "POST", "agent_events", `{"events":{"` + users + `":[{"user_id":1,"project_id":1}]}}`, faulty{events: errDown}, 503},
		{"configuration write fails", "POST", "agent_configuration", `{"agent_id":3,"agent_config":{}}`, faulty{configuration: errDown}, 503},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := serve(t, &row.fault)
			got := call(t, api, row.method, row.route, "application/json", row.body)
			if got.Status != row.status || strings.Contains(got.Body, "10.0.0.1") {
				t.Errorf("%d %s, want %d", got.Status, got.Body, row.status)
			}
			if !strings.Contains(api.Log.String(), "throttled") {
				t.Errorf("the log lacks the cause: %s", api.Log)
			}
			if row.fault.members != nil {
				counted(t, api, "gitops_sync", 0)
			}
		})
	}
}

func counted(t *testing.T, api *apitest.API, name string, want int64) {
	t.Helper()
	if totals, err := api.Store.UsageTotals(t.Context()); err != nil || totals[name] != want {
		t.Errorf("%s is %d, %v; want %d", name, totals[name], err, want)
	}
}

// A rejected request counts nothing. An accepted one counts everything.
func TestUsageMetricsCountsAllOrNothing(t *testing.T) {
	const other = "agent_users_using_ci_tunnel"
	member := func(n int) string { return strings.Repeat("1,", n-1) + "1" }
	many := make([]string, 10_001)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	rows := []struct {
		name, kind, body string
		status           int
		answer           string
		count, members   int64
	}{
		{"a form", form, "counters[gitops_sync]=5&unique_counters[" + other + "][]=7&unique_counters[" + other + "][]=8", 204, "", 5, 2},
		{"numbers as text", "application/json", `{"counters":{"gitops_sync":"5"},"unique_counters":{"` + other + `":["7"]}}`, 204, "", 5, 1},
		{"null", "application/json", `{"counters":null,"unique_counters":{"` + other + `":null}}`, 204, "", 0, 0},
		{"an id many times", "application/json", `{"unique_counters":{"` + other + `":[` + member(9000) + `]}}`, 204, "", 0, 1},
		{"the maximum", "application/json", `{"counters":{"gitops_sync":1000000000}}`, 204, "", 1_000_000_000, 0},
		{"above the maximum", "application/json", `{"counters":{"gitops_sync":1000000001}}`, 400, `{"message":"400 Bad request - counters[gitops_sync] must be from 0 to 1000000000"}`, 0, 0},
		{"a fraction", "application/json", `{"counters":{"gitops_sync":1.5}}`, 400, `{"error":"counters[gitops_sync] is invalid"}`, 0, 0},
		{"an exponent", "application/json", `{"counters":{"gitops_sync":1e3}}`, 400, `{"error":"counters[gitops_sync] is invalid"}`, 0, 0},
		{"a boolean", "application/json", `{"counters":{"gitops_sync":true}}`, 400, `{"error":"counters[gitops_sync] is invalid"}`, 0, 0},
		{"a negative id", "application/json", `{"counters":{"gitops_sync":1},"unique_counters":{"` + other + `":[-1]}}`, 400, `{"message":"400 Bad request - unique_counters[` + other + `] must hold ids"}`, 0, 0},
		{"a list in a list", "application/json", `{"unique_counters":{"` + other + `":[[1]]}}`, 400, `{"error":"unique_counters[` + other + `] is invalid"}`, 0, 0},
		{
			"several mistakes", "application/json", `{"counters":{"gitops_sync":"x","k8s_api_proxy_request":[]},"unique_counters":1}`, 400,
			`{"error":"counters[gitops_sync] is invalid, counters[k8s_api_proxy_request] is invalid, unique_counters is invalid"}`, 0, 0,
		},
		{
			"too many members", "application/json", `{"counters":{"gitops_sync":1},"unique_counters":{"` + other + `":[` + strings.Join(many, ",") + `]}}`, 400,
			`{"message":"400 Bad request - unique_counters must have at most 10000 members"}`, 0, 0,
		},
		{"malformed JSON", "application/json", `{"counters":`, 400, "", 0, 0},
		{"a list", "application/json", `[1]`, 400, "", 0, 0},
		{"a text", "text/plain", `counters`, 415, "", 0, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := serve(t, &faulty{})
			got := call(t, api, http.MethodPost, "usage_metrics", row.kind, row.body)
			if got.Status != row.status || row.answer != "" && got.Body != row.answer {
				t.Errorf("%d %.300s, want %d %s", got.Status, got.Body, row.status, row.answer)
			}
			counted(t, api, "gitops_sync", row.count)
			month, _ := limits.Periods(time.Now())
			if n, err := api.Store.UniqueCount(t.Context(), other, month); err != nil || n != row.members {
				t.Errorf("%d members, %v; want %d", n, err, row.members)
			}
		})
	}
}

// Unknown names are ignored and logged.
func TestUsageMetricsLogsUnknownNames(t *testing.T) {
	api := serve(t, &faulty{})
	got := post(t, api, "usage_metrics", `{"counters":{"brand_new":1,"gitops_sync":2},"unique_counters":{"newer":"x"}}`)
	if got.Status != http.StatusNoContent {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	counted(t, api, "gitops_sync", 2)
	counted(t, api, "brand_new", 0)
	if !strings.Contains(api.Log.String(), "unknown: brand_new,newer") {
		t.Errorf("log: %s", api.Log)
	}
}
