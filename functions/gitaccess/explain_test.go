package gitaccess_test

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"postern/functions/gitaccess"
	"postern/shared/apitest"
	"postern/shared/gitaly"
)

// why asks for an explanation with an administrator's token in a header, "" for none.
func why(t *testing.T, api *apitest.API, header, token, body string) *apitest.Answer {
	t.Helper()
	r := apitest.Request(t, http.MethodPost, api.URL+path+"/explain", strings.NewReader(body))
	if header != "" {
		r.Header.Set(header, token)
	}
	return api.Do(t, r)
}

func TestExplainAsksForBothCredentials(t *testing.T) {
	const others = `{"personal_access_tokens":[
		{"id":2,"user_id":1,"name":"reads","scopes":["read_api"],"token":"reads"},
		{"id":3,"user_id":13,"name":"no administrator","scopes":["api"],"token":"dan"},
		{"id":4,"user_id":1,"name":"old","scopes":["api"],"token":"old","expires_at":"2020-01-01"}]}`
	api := serve(t, string(apitest.Administrator()), others)
	rows := []struct {
		name, header, token string
		status              int
	}{
		{"an administrator", "Private-Token", apitest.AdminToken, 200},
		{"an administrator, as bearer", "Authorization", "Bearer " + apitest.AdminToken, 200},
		{"no token", "", "", 401},
		{"an unknown one", "Private-Token", "x", 401},
		{"one that only reads", "Private-Token", "reads", 403},
		{"one of no administrator", "Private-Token", "dan", 403},
		{"an expired one", "Private-Token", "old", 401},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := why(t, api, row.header, row.token, appPull); got.Status != row.status {
				t.Errorf("%d %s, want %d", got.Status, got.Body, row.status)
			}
		})
	}
	t.Run("an administrator without the shell's token", func(t *testing.T) {
		r := apitest.Request(t, http.MethodPost, api.URL+path+"/explain", strings.NewReader(appPull))
		r.Header.Del("Gitlab-Shell-Api-Request")
		r.Header.Set("Private-Token", apitest.AdminToken)
		if got := api.Do(t, r); got.Status != http.StatusUnauthorized {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
}

func TestExplainTellsTheTrail(t *testing.T) {
	const full = `{"users":[{"id":13,"projects_limit":1}],"projects":[{"id":900,"namespace_id":113,"path":"first"}]}`
	create := strings.Replace(appPush, "acme/app", "dan/fresh", 1)
	rows := []struct {
		name, document, body string
		want                 []string
	}{
		{"allowed", `{}`, appPull, []string{
			`"decision":"allowed","answer":{"status":200}`, `"actor":{"asked":"key-102","gl_id":"user-13","username":"dan","key_id":102,"key_type":"key","role":"Developer (30)"}`,
			`"memberships":[{"counts":true,"in":"acme/app","role":"Developer (30)"}]`,
		}},
		{"refused", `{}`, strings.Replace(appPush, "102", "103", 1), []string{
			`"decision":"denied","answer":{"status":401,"message":"You are not allowed to push code to this project."},"failed_check":"push_permission"`,
			`"would_have_to_change":"a role of at least Developer (30) for @rita in acme/app or a group above it; has Reporter (20)"`,
			`{"name":"changes","outcome":"not_reached","duration_ms":0}`,
		}},
		{"would create", `{}`, create, []string{`"decision":"allowed"`, `"creates_project":"dan/fresh"`, `"name":"push_permission","outcome":"passed"`}},
		{"could not create", full, create, []string{
			`"answer":{"status":422,"message":"Could not create project: `, `"failed_check":"project_creation"`, `"would_have_to_change":"`,
		}},
		{"nothing there", `{}`, strings.Replace(appPull, "acme/app", "acme/no", 1), []string{`"repository":{"asked":"acme/no"}`, `"would_have_to_change":"a project at acme/no"`}},
		{"malformed", `{}`, `{"key_id":102}`, []string{`{"message":"400 Bad request - project or gl_repository is missing"}`}},
		{"refs", `{}`, strings.Replace(appPush, "_any", strings.Repeat("a", 40)+" "+strings.Repeat("0", 40)+" refs/heads/main", 1), []string{
			`{"name":"ref","outcome":"passed","duration_ms":0,"looked_at":{"new":"0000000000000000000000000000000000000000","old":"aaaa`,
			`"failed_check":"default_branch","would_have_to_change":"default_branch of acme/app: another branch; is main"`,
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := serve(t, string(apitest.Administrator()), row.document)
			got := why(t, api, "Private-Token", apitest.AdminToken, row.body)
			for _, want := range row.want {
				if !strings.Contains(got.Body, want) {
					t.Errorf("%s\nlacks %s", got.Body, want)
				}
			}
		})
	}
}

// No explanation changes the table or logs a decision.
func TestExplainHasNoEffects(t *testing.T) {
	api := serve(t, string(apitest.Administrator()), `{"instance":{"gitlab_shell_operation_limit":1}}`)
	before := api.Table.All(t)
	bodies := []string{
		appPull, appPull, strings.Replace(appPull, "acme/app", "acme/oldname", 1),
		strings.Replace(appPush, "acme/app", "dan/fresh", 1), strings.Replace(appPull, "102", "104", 1),
	}
	for _, body := range bodies {
		api.Log.Reset()
		got := why(t, api, "Private-Token", apitest.AdminToken, body)
		if got.Status != http.StatusOK || strings.Contains(got.Body, `"status":429`) {
			t.Errorf("%d %s", got.Status, got.Body)
		}
		if line := api.Log.String(); !strings.Contains(line, `"decision":"explained"`) || strings.Contains(line, apitest.AdminToken) {
			t.Errorf("the log says %s", line)
		}
	}
	if after := api.Table.All(t); !reflect.DeepEqual(after, before) {
		t.Errorf("%d items have become %d, or changed", len(before), len(after))
	}
}

func TestExplainWithFaults(t *testing.T) {
	deps := apitest.NewDeps(t, apitest.Fixture(), apitest.Administrator(), []byte(storageAt("tcp://127.0.0.1:1")))
	update := strings.NewReplacer("102", "101", "_any", strings.Repeat("a", 40)+" "+strings.Repeat("b", 40)+" refs/heads/main").Replace(appPush)
	rows := []struct {
		name   string
		fault  faulty
		body   string
		status int
		answer string
	}{
		{"the table is down", faulty{load: errDown}, appPull, 503, `{"message":"503 Service Unavailable"}`},
		{"an error that nobody knows", faulty{load: errors.New("disk on fire")}, appPull, 500, `{"message":"500 Internal Server Error"}`},
		{"what allowed would write cannot be", faulty{writes: errDown, limiter: errDown}, appPull, 200, `"decision":"allowed"`},
		{"Gitaly is gone", faulty{}, update, 200, `"decision":"error","answer":{"status":503,"message":"` + unreadable + `"},"failed_check":"changes"`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.fault.Store = deps.Store
			api := apitest.ServeDeps(t, deps, func(d apitest.Deps) http.Handler {
				client := gitaly.New(gitaly.Options{})
				t.Cleanup(func() { _ = client.Close() })
				return gitaccess.New(gitaccess.Deps{Store: &row.fault, Gitaly: client, Shell: d.Shell, Admin: d.Admin, Now: d.Now, HTTP: d.HTTP})
			})
			if got := why(t, api, "Private-Token", apitest.AdminToken, row.body); got.Status != row.status || !strings.Contains(got.Body, row.answer) {
				t.Errorf("%d %s, want %d with %s", got.Status, got.Body, row.status, row.answer)
			}
		})
	}
}
