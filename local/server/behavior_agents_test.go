package server

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/shared/apitest"
	"postern/shared/store/limits"
)

// agentWorld is a document with the records of kas's cases. The fixture of the git family is loaded before it.
const agentWorld = `{
 "instance":{"edition":"ee"},
 "namespaces":[{"id":60,"kind":"group","path":"group"}],
 "projects":[{"id":11,"namespace_id":20,"path":"members","visibility":"public","repository_access_level":"private"},
  {"id":70,"namespace_id":60,"path":"proj","visibility":"public"}],
 "agents":[{"id":3,"name":"prod","project_id":7},{"id":4,"name":"edge","project_id":8},{"id":5,"name":"seen","project_id":70}],
 "agent_tokens":[{"id":1,"agent_id":3,"token":"agt-prod"},{"id":2,"agent_id":4,"token":"agt-edge"},
  {"id":3,"agent_id":3,"token":"agt-old","status":"revoked"},{"id":5,"agent_id":5,"token":"agent-token-1"}]}`

const (
	k8s      = "/api/v4/internal/kubernetes/"
	scanner  = k8s + "modules/starboard_vulnerability"
	noKAS    = `{"message":"KAS JWT authentication invalid"}`
	noAccess = `{"message":"404 Not Found"}`
)

// agentCall is a request of kas, with its JWT and an optional agent's token.
type agentCall struct {
	method, path, token, body string
	header                    map[string]string // replaces the default headers, "" removes one
}

func (c agentCall) send(t *testing.T, api *apitest.API) *apitest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), c.method, api.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Gitlab-Kas-Api-Request", apitest.KASToken(t))
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range c.header {
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	return api.Do(t, r)
}

func inquire(path, token string) agentCall { return agentCall{method: "GET", path: path, token: token} }

func report(path, body string) agentCall { return agentCall{method: "POST", path: path, body: body} }

func reported(token, body string) agentCall {
	return agentCall{method: "PUT", path: scanner, token: token, body: body}
}

type agentCase struct {
	number, name string
	call         agentCall
	status       int
	like         string // part of the body, with "=" in front the whole body
}

func runAgents(t *testing.T, api *apitest.API, cases []agentCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(fmt.Sprintf("case %s: %s", c.number, c.name), func(t *testing.T) {
			tally.asked(t, api)
			got := c.call.send(t, api)
			whole, exact := strings.CutPrefix(c.like, "=")
			if got.Status != c.status || exact && got.Body != whole || !exact && !strings.Contains(got.Body, c.like) {
				t.Errorf("%d %s, want %d %s", got.Status, got.Body, c.status, c.like)
			}
		})
	}
}

func TestBehaviorAgents(t *testing.T) {
	info := k8s + "agent_info"
	locked := func(value string) agentCall {
		return agentCall{method: "GET", path: info, token: "agt-prod", header: map[string]string{"Gitlab-Kas-Api-Request": value}}
	}
	claims := func(iss string, aud any) string {
		return apitest.SignClaims(t, "HS256", apitest.Secret, map[string]any{"iss": iss, "aud": aud, "exp": time.Now().Add(time.Minute).Unix()})
	}
	project := func(token, id string) agentCall { return inquire(k8s+"project_info?id="+url.QueryEscape(id), token) }
	const prod = `"agent_id":3,"agent_name":"prod","gitaly_info":{"address":"tcp://gitaly.internal:8075","token":"gtok","features":{}}`
	usage, events := k8s+"usage_metrics", k8s+"agent_events"
	const ci, users = "k8s_api_proxy_request", "k8s_api_proxy_requests_unique_users_via_ci_access"
	runAgents(t, serve(t, agentWorld), []agentCase{
		{"K1", "no JWT", locked(""), 401, "=" + noKAS},
		{"K1", "a shell's JWT", locked(apitest.Token(t)), 401, "=" + noKAS},
		{"K1", "another secret", locked(apitest.SignClaims(t, "HS256", "other", map[string]any{"iss": "gitlab-kas", "aud": "gitlab", "exp": time.Now().Add(time.Minute).Unix()})), 401, "=" + noKAS},
		{"K1", "no audience", locked(claims("gitlab-kas", nil)), 401, "=" + noKAS},
		{"K1", "issuer gitlab-shell", locked(claims("gitlab-shell", "gitlab")), 401, "=" + noKAS},
		{"K2", "no token", inquire(info, ""), 401, "=" + unauthorized},
		{"K2", "an unknown token", inquire(info, "nope"), 401, "=" + unauthorized},
		{"K2", "a revoked token", inquire(info, "agt-old"), 401, "=" + unauthorized},
		{"K3", "the agent", inquire(info, "agt-prod"), 200, prod},
		{"K3", "its repository", inquire(info, "agt-prod"), 200, `"gl_repository":"project-7","gl_project_path":"acme/app"},"default_branch":"main"}`},
		{"K4", "by the new header", agentCall{method: "GET", path: info, header: map[string]string{"Gitlab-Agent-Api-Request": "agt-prod"}}, 200, prod},
		{"K4", "by the new path", inquire("/internal/agents/agentk/agent_info/", "agt-prod"), 200, prod},
		{"K5", "a public project by id", project("agt-prod", "8"), 200, `{"project_id":8,"gitaly_info"`},
		{"K5", "by path", project("agt-prod", "acme/pub"), 200, `{"project_id":8,`},
		{"K5", "escaped twice", project("agt-prod", "acme%2Fpub"), 200, `{"project_id":8,`},
		{"K5", "in other letters", project("agt-prod", "ACME/Pub"), 200, `{"project_id":8,`},
		{"K6", "its own", project("agt-prod", "7"), 200, `{"project_id":7,`},
		{"K6", "its own by an old path", project("agt-prod", "acme/oldname"), 200, `{"project_id":7,`},
		{"K7", "another agent's project", project("agt-edge", "7"), 404, "=" + noAccess},
		{"K7", "a private project", project("agt-edge", "9"), 404, "=" + noAccess},
		{"K7", "a repository for members only", project("agt-edge", "11"), 404, "=" + noAccess},
		{"K7", "an unknown project", project("agt-edge", "99999"), 404, "=" + noAccess},
		{"K7", "no id", inquire(k8s+"project_info", "agt-edge"), 404, "=" + noAccess},
		{"K7", "a list of ids", inquire(k8s+"project_info?id[]=8", "agt-edge"), 404, "=" + noAccess},
		{"K7", "access to another project", inquire(k8s+"verify_project_access?id=7", "agt-edge"), 404, "=" + noAccess},
		{"K7", "access to its own project", inquire(k8s+"verify_project_access?id=7", "agt-prod"), 204, "="},
		{"K8", "counters and sets", report(usage, `{"counters":{"`+ci+`":5},"unique_counters":{"`+users+`":[10]}}`), 204, "="},
		{"K9", "a counter that is a text", report(usage, `{"counters":{"`+ci+`":"string"}}`), 400, `={"error":"counters[k8s_api_proxy_request] is invalid"}`},
		{"K9", "a set that is a number", report(usage, `{"unique_counters":{"`+users+`":1}}`), 400, `={"error":"unique_counters[` + users + `] is invalid"}`},
		{"K9", "a negative counter", report(usage, `{"counters":{"`+ci+`":-1}}`), 400, `{"message":"400 Bad request - counters[k8s_api_proxy_request]`},
		{"K9", "a huge counter", report(usage, `{"counters":{"`+ci+`":99999999999999999999999}}`), 400, `{"message":"400 Bad request - `},
		{"K9", "counters that are a list", report(usage, `{"counters":[1]}`), 400, `={"error":"counters is invalid"}`},
		{"K10", "zero and an empty set", report(usage, `{"counters":{"`+ci+`":0},"unique_counters":{"`+users+`":[]}}`), 204, "="},
		{"K10", "an empty object", report(usage, `{}`), 204, "="},
		{"K10", "no body", report(usage, ``), 204, "="},
		{"K13", "an unknown name", report(usage, `{"counters":{"brand_new":1}}`), 204, "="},
		{"K14", "events", report(events, `{"events":{"`+users+`":[{"user_id":1,"project_id":1},{"user_id":2,"project_id":1},{"user_id":1,"project_id":1}]}}`), 204, "="},
		{"K14", "repeated events", report(events, `{"events":{"`+users+`":[{"user_id":1,"project_id":1}],"later":[1]}}`), 204, "="},
		{"K15", "a user that is a text", report(events, `{"events":{"`+users+`":[{"user_id":"string","project_id":1}]}}`), 400, `={"error":"events[` + users + `][0][user_id] is invalid"}`},
		{"K16", "an agent registers", report(events, `{"events":{"register_agent_at_kas":[{"project_id":7,"agent_id":3,"agent_version":"17.1","architecture":"arm64","extra_telemetry_data":{}}]}}`), 204, "="},
		{"K16", "without its id", report(events, `{"events":{"register_agent_at_kas":[{"project_id":7,"agent_version":"17.1","architecture":"arm64"}]}}`), 204, "="},
		{"", "a configuration", report(k8s+"agent_configuration", `{"agent_id":3,"agent_config":{"ci_access":{"groups":[{"id":"acme"}]}}}`), 204, "="},
		{"", "a configuration of an unknown agent", report(k8s+"agent_configuration", `{"agent_id":"77","agent_config":{}}`), 404, "=" + noAccess},
		{"", "a missing configuration", report(k8s+"agent_configuration", `{"agent_id":"3"}`), 400, `={"error":"agent_config is missing"}`},
	})
}

// A rejected request counts nothing. An accepted one counts exactly once.
func TestBehaviorUsageIsCounted(t *testing.T) {
	api := serve(t, agentWorld)
	const users = "k8s_api_proxy_requests_unique_users_via_ci_access"
	for _, body := range []string{
		`{"counters":{"k8s_api_proxy_request":5,"gitops_sync":"x"}}`, // case K11
		`{"counters":{"k8s_api_proxy_request":7},"unique_counters":{"` + users + `":[1,1,2]}}`,
		`{"unique_counters":{"` + users + `":[1,1,2]}}`, // case K12
	} {
		report(k8s+"usage_metrics", body).send(t, api)
	}
	totals, err := api.Store.UsageTotals(t.Context())
	if err != nil || totals["k8s_api_proxy_request"] != 7 {
		t.Errorf("totals %v, %v; want 7", totals, err)
	}
	month, week := limits.Periods(time.Now())
	for _, period := range []string{month, week} {
		if n, err := api.Store.UniqueCount(t.Context(), users, period); err != nil || n != 2 {
			t.Errorf("%s: %d members, %v; want 2", period, n, err)
		}
	}
}

// kas can parse the answers to its recorded requests, with and without a slash at the end. Proxying for users is not
// implemented, and the requests of CI jobs are not part of the internal API.
func TestRecordedRequestsOfKAS(t *testing.T) {
	status := map[string]int{"usage_metrics": 204, "verify_project_access": 204, "agent_configuration": 204, "authorize_proxy_user": 404, "allowed_agents": 404}
	served, unserved := serve(t, agentWorld), serveHere(t, agentWorld) // the gateway of `sam local` answers unknown paths itself
	for _, r := range recordings(t, "recorded_kas.json") {
		for _, slash := range []string{"", "/"} {
			path := strings.TrimRight(r.Path, "/") + slash
			t.Run(r.Method+" "+path, func(t *testing.T) {
				api, want := served, status[filepath.Base(strings.TrimRight(path, "/"))]
				switch want {
				case 0:
					want = http.StatusOK
				case http.StatusNotFound:
					api = unserved
				}
				tally.asked(t, api)
				one := r
				one.Path = path
				request := one.request(t, api.URL)
				request.Header.Del("Gitlab-Shell-Api-Request")
				request.Header.Set("Gitlab-Kas-Api-Request", apitest.KASToken(t))
				if got := api.Do(t, request); got.Status != want || want == 200 && got.Object() == nil {
					t.Errorf("%d %s, want %d", got.Status, got.Body, want)
				}
			})
		}
	}
}
