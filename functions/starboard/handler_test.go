package starboard_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"postern/functions/starboard"
	"postern/shared/apitest"
	"postern/shared/gitlab"
	"postern/shared/store/agents"
	"postern/shared/table"
)

const (
	module = "/api/v4/internal/kubernetes/modules/starboard_vulnerability"
	world  = `{"instance":{"edition":"ee"},"agents":[{"id":3,"name":"prod","project_id":7}],
 "agent_tokens":[{"id":1,"agent_id":3,"token":"agt-prod"}]}`
	finding = `{"vulnerability":{"name":"%s","severity":"low","location":{"kubernetes_resource":{"namespace":"d","kind":"Pod","name":"n",` +
		`"container":"c"}},"identifiers":[{"type":"cve","name":"CVE-1"}]},"scanner":{"id":"t","name":"T","vendor":"GitLab"}}`
)

// faulty is a store with one failing operation.
type faulty struct {
	starboard.Store
	load, keep, resolve, policies error
}

func (f *faulty) LoadAgent(ctx context.Context, q agents.AgentQuery) (agents.AgentContext, error) {
	if f.load != nil {
		return agents.AgentContext{}, f.load
	}
	return f.Store.LoadAgent(ctx, q)
}

func (f *faulty) KeepFinding(ctx context.Context, one agents.Finding) error {
	if f.keep != nil {
		return f.keep
	}
	return f.Store.KeepFinding(ctx, one)
}

func (f *faulty) ResolveFindings(ctx context.Context, agent gitlab.ID, listed map[string]bool) error {
	if f.resolve != nil {
		return f.resolve
	}
	return f.Store.ResolveFindings(ctx, agent, listed)
}

func (f *faulty) LoadPolicies(ctx context.Context, c *gitlab.Container) ([]gitlab.SecurityPolicy, error) {
	if f.policies != nil {
		return nil, f.policies
	}
	return f.Store.LoadPolicies(ctx, c)
}

func serve(t *testing.T, f *faulty) *apitest.API {
	t.Helper()
	return apitest.Serve(t, func(d apitest.Deps) http.Handler {
		f.Store = d.Store
		return starboard.New(starboard.Deps{Store: f, KAS: d.KAS, HTTP: d.HTTP})
	}, apitest.Fixture(), []byte(world))
}

func call(t *testing.T, api *apitest.API, method, route, body string) *apitest.Answer {
	t.Helper()
	r := apitest.Request(t, method, api.URL+module+route, strings.NewReader(body))
	r.Header.Del("Gitlab-Shell-Api-Request")
	r.Header.Set("Gitlab-Kas-Api-Request", apitest.KASToken(t))
	r.Header.Set("Authorization", "Bearer agt-prod")
	return api.Do(t, r)
}

// A failing table gives a 503 without internal details, never an empty list.
func TestTableFaultGivesUnavailable(t *testing.T) {
	down := &table.UnavailableError{Op: "Query", Err: errors.New("throttled at 10.0.0.1")}
	rows := []struct {
		name, method, route, body string
		fault                     faulty
	}{
		{"agent read fails", "PUT", "", fmt.Sprintf(finding, "n"), faulty{load: down}},
		{"finding write fails", "PUT", "", fmt.Sprintf(finding, "n"), faulty{keep: down}},
		{"resolving fails", "POST", "/scan_result", `{"uuids":[]}`, faulty{resolve: down}},
		{"policy read fails", "GET", "/scan_execution_policies", "", faulty{policies: down}},
		{"configuration read fails", "GET", "/policies_configuration", "", faulty{policies: down}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := serve(t, &row.fault)
			got := call(t, api, row.method, row.route, row.body)
			if got.Status != http.StatusServiceUnavailable || strings.Contains(got.Body, "10.0.0.1") {
				t.Errorf("%d %s, want 503", got.Status, got.Body)
			}
			if !strings.Contains(api.Log.String(), "throttled") {
				t.Errorf("the log lacks the cause: %s", api.Log)
			}
		})
	}
}

// Twenty concurrent reports of one finding store one finding. A later report replaces its text.
func TestReportStoresConcurrentFindingOnce(t *testing.T) {
	api := serve(t, &faulty{})
	uuids := make([]string, 20)
	var wg sync.WaitGroup
	for i := range uuids {
		wg.Go(func() {
			uuids[i], _ = call(t, api, http.MethodPut, "", fmt.Sprintf(finding, "n")).Object()["uuid"].(string)
		})
	}
	wg.Wait()
	call(t, api, http.MethodPut, "", fmt.Sprintf(finding, "later"))
	kept := 0
	for key, item := range api.Table.All(t) {
		if strings.HasPrefix(key, "findings#3/finding#") {
			if kept++; item["uuid"] != uuids[0] || item["state"] != "detected" || !strings.Contains(item["payload"].(string), `"name":"later"`) {
				t.Errorf("kept %v", item)
			}
		}
	}
	for _, uuid := range uuids {
		if uuid == "" || uuid != uuids[0] {
			t.Errorf("uuids %q", uuids)
		}
	}
	if kept != 1 {
		t.Errorf("%d findings, want 1", kept)
	}
}

func TestInvalidBodyIsRejected(t *testing.T) {
	api := serve(t, &faulty{})
	rows := []struct {
		name, method, route, body string
		status                    int
		answer                    string
	}{
		{"a finding too long", "PUT", "", fmt.Sprintf(finding, strings.Repeat("n", 300<<10)), 400, `{"message":"400 Bad request - vulnerability is too long"}`},
		{"no body", "PUT", "", "", 400, ""},
		{"malformed JSON", "PUT", "", `{"vulnerability":`, 400, ""},
		{"a list", "PUT", "", `[]`, 400, ""},
		{"a number as uuid", "POST", "/scan_result", `{"uuids":["a",1]}`, 400, `{"error":"uuids is invalid"}`},
		{"null for uuids", "POST", "/scan_result", `{"uuids":null}`, 400, `{"error":"uuids is missing"}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := call(t, api, row.method, row.route, row.body)
			if got.Status != row.status || row.answer != "" && got.Body != row.answer {
				t.Errorf("%d %.300s, want %d %s", got.Status, got.Body, row.status, row.answer)
			}
		})
	}
	for key := range api.Table.All(t) {
		if strings.HasPrefix(key, "findings#") {
			t.Errorf("a rejected request stored %s", key)
		}
	}
}
