package gitaccess_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/functions/gitaccess"
	"postern/shared/apitest"
	"postern/shared/gitaly"
)

const (
	path     = "/api/v4/internal/allowed"
	appPull  = `{"key_id":102,"action":"git-upload-pack","project":"acme/app","changes":"_any","protocol":"ssh"}`
	appPush  = `{"key_id":102,"action":"git-receive-pack","project":"acme/app","changes":"_any","protocol":"ssh"}`
	noAccess = "The project you were looking for could not be found or you don't have permission to view it."
)

func mount(d apitest.Deps) http.Handler {
	return gitaccess.New(gitaccess.Deps{Store: d.Store, Gitaly: gitaly.New(gitaly.Options{}), Shell: d.Shell, Admin: d.Admin, Now: d.Now, HTTP: d.HTTP})
}

func serve(t *testing.T, documents ...string) *apitest.API {
	t.Helper()
	loaded := [][]byte{apitest.Fixture()}
	for _, d := range documents {
		loaded = append(loaded, []byte(d))
	}
	return apitest.Serve(t, mount, loaded...)
}

func send(t *testing.T, api *apitest.API, contentType, body string) *apitest.Answer {
	t.Helper()
	r := apitest.Request(t, http.MethodPost, api.URL+path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return api.Do(t, r)
}

func TestAllowedReadsRequests(t *testing.T) {
	api := serve(t)
	const form = "application/x-www-form-urlencoded"
	rows := []struct {
		name, contentType, body string
		status                  int
		like                    string
	}{
		{"JSON", "application/json", appPull, 200, `"gl_id":"user-13"`},
		{"JSON with a charset", "application/json; charset=utf-8", appPull, 200, `"gl_id":"user-13"`},
		{"key id as text", "application/json", strings.Replace(appPull, "102", `"102"`, 1), 200, `"gl_key_id":102`},
		{"form", form, "key_id=102&action=git-upload-pack&project=acme/app&protocol=ssh", 200, `"gl_id":"user-13"`},
		{"no changes, which a download does not need", form, "key_id=102&action=git-upload-pack&project=acme/app", 200, `"status":true`},
		{"no changes on a push", form, "key_id=102&action=git-receive-pack&project=acme/app", 200, `"status":true`},
		{"env that is no JSON", "application/json", strings.Replace(appPull, "{", `{"env":"not json",`, 1), 200, `"status":true`},
		{"username", "application/json", `{"username":"DAN","action":"git-upload-pack","project":"acme/app"}`, 200, `"gl_id":"user-13"`},
		{"identifier of a user", "application/json", `{"identifier":"user-13","action":"git-upload-pack","project":"acme/app"}`, 200, `"gl_id":"user-13"`},
		{"identifier of a key", "application/json", `{"identifier":"key-102","action":"git-upload-pack","project":"acme/app"}`, 200, `"gl_id":"user-13"`},
		{"identifier of neither", "application/json", `{"identifier":"username-dan","action":"git-upload-pack","project":"acme/app"}`, 404, noAccess},
		{"a key that finds nothing hides a user that would", "application/json", `{"key_id":0,"user_id":13,"action":"git-upload-pack","project":"acme/app"}`, 404, noAccess},
		{"a Kerberos principal finds nobody", "application/json", `{"krb5principal":"dan@EXAMPLE.COM","action":"git-upload-pack","project":"acme/app"}`, 404, noAccess},
		{"gl_repository wins over project", "application/json", `{"key_id":102,"action":"git-upload-pack","project":"/srv/git/x.git","gl_repository":"project-7"}`, 200, `"gl_repository":"project-7"`},
		{"the wiki in three parts", "application/json", `{"key_id":102,"action":"git-upload-pack","gl_repository":"project-7-wiki"}`, 200, `"gl_repository":"wiki-7"`},
		{"gl_repository of nothing", "application/json", `{"key_id":102,"action":"git-upload-pack","gl_repository":"project-999"}`, 404, noAccess},
		{"malformed gl_repository", "application/json", `{"key_id":102,"action":"git-upload-pack","gl_repository":"project"}`, 400, `{"message":"400 Bad request - gl_repository is malformed"}`},
		{"neither project nor gl_repository", "application/json", `{"key_id":102,"action":"git-upload-pack"}`, 400, `{"message":"400 Bad request - project or gl_repository is missing"}`},
		{"no action", "application/json", `{"key_id":102,"project":"acme/app"}`, 401, "The command you're trying to execute is not allowed."},
		{"empty project", "application/json", `{"key_id":102,"action":"git-upload-pack","project":""}`, 404, "message"},
		{"no namespace in the path", "application/json", `{"key_id":102,"action":"git-upload-pack","project":"app"}`, 404, "The namespace you were looking for could not be found."},
		{"a path longer than any", "application/json", `{"key_id":102,"action":"git-upload-pack","project":"a/` + strings.Repeat("b", 5000) + `"}`, 404, noAccess},
		{"an id longer than any", "application/json", `{"key_id":"99999999999999999999","action":"git-upload-pack","project":"acme/app"}`, 404, noAccess},
		{"malformed JSON", "application/json", `{"key_id":`, 400, `"error"`},
		{"JSON that is no object", "application/json", `[1]`, 400, `"error"`},
		{"a list where a text belongs", "application/json", `{"key_id":102,"action":["git-upload-pack"],"project":"acme/app"}`, 400, `{"error":"action is invalid"}`},
		{"an object where an id belongs", "application/json", `{"key_id":{"id":1},"project":"acme/app"}`, 400, `{"error":"key_id is invalid"}`},
		{"a body of another kind", "text/plain", appPull, 415, `"error"`},
		{"a body over 5 MiB", "application/json", `{"changes":"` + strings.Repeat("x", 6<<20) + `"}`, 413, `"error"`},
		{"a client context that is no base64", "application/json", strings.Replace(appPull, "{", `{"gitaly_client_context_bin":"?",`, 1), 400, "400 Bad request - malformed gitaly_client_context_bin"},
		{"a client context that is no object", "application/json", strings.Replace(appPull, "{", `{"gitaly_client_context_bin":"WzFd",`, 1), 400, "400 Bad request - Decoded gitaly_client_context_bin is not a valid JSON object"},
		{"a client context that is one", "application/json", strings.Replace(appPull, "{", `{"gitaly_client_context_bin":"e30=",`, 1), 200, `"status":true`},
		{"real changes", "application/json", strings.Replace(appPush, "_any", strings.Repeat("a", 40)+" "+strings.Repeat("b", 40)+" refs/heads/feat", 1), 200, `"status":true`},
		{"real changes of somebody who may not push", "application/json", strings.NewReplacer("_any", strings.Repeat("a", 40)+" "+strings.Repeat("b", 40)+" refs/heads/feat", "acme/app", "acme/old").Replace(appPush), 401, "You can't push code to an archived project."},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := send(t, api, row.contentType, row.body)
			if got.Status != row.status || !strings.Contains(got.Body, row.like) {
				t.Errorf("%d %s, want %d with %s", got.Status, got.Body, row.status, row.like)
			}
			if kind := got.Header.Get("Content-Type"); kind != "application/json" {
				t.Errorf("Content-Type %q, want application/json", kind)
			}
		})
	}
}

func TestAllowedWritesDownUseOnceADay(t *testing.T) {
	rows := []struct {
		name, body    string
		key, user     bool // the records that are marked as used
		userPK, keyPK string
	}{
		{name: "a pull", body: appPull, key: true, user: true, keyPK: "key#102", userPK: "user#13"},
		{name: "a push is no activity", body: appPush, key: true, keyPK: "key#102", userPK: "user#13"},
		{name: "a refusal is no activity", body: strings.Replace(appPull, "102", "104", 1), key: true, keyPK: "key#104", userPK: "user#15"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			api := serve(t)
			send(t, api, "application/json", row.body)
			used, keyWritten := api.Table.Text(t, row.keyPK, "key", "last_used_at")
			active, userWritten := api.Table.Text(t, row.userPK, "user", "last_activity_on")
			if keyWritten != row.key || userWritten != row.user {
				t.Errorf("last_used_at %q, last_activity_on %q; want written: %t, %t", used, active, row.key, row.user)
			}
			api.Log.Reset()
			send(t, api, "application/json", row.body)
			if line := api.Log.String(); !strings.Contains(line, `"dynamodb_calls":1,`) {
				t.Errorf("the second request of the day is no single call: %s", line)
			}
		})
	}
}

func TestAllowedCountsCalls(t *testing.T) {
	api := serve(t)
	rows := []struct {
		name, body string
		status     int
	}{
		{"a pull", appPull, 200},
		{"a push", appPush, 200},
		{"a deploy key", strings.Replace(appPull, "102", "201", 1), 200},
		{"a refused push", strings.Replace(appPush, "102", "103", 1), 401},
		{"a stranger", strings.Replace(appPull, "102", "105", 1), 404},
		{"an unknown key", strings.Replace(appPull, "102", "999", 1), 404},
		{"the wiki", strings.Replace(appPull, "acme/app", "acme/app.wiki", 1), 200},
		{"a project's snippet", strings.Replace(appPull, "acme/app", "acme/app/snippets/32", 1), 200},
		{"nothing there", strings.Replace(appPull, "acme/app", "acme/nothing", 1), 404},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for range 2 {
				send(t, api, "application/json", row.body)
			}
			api.Log.Reset()
			got := send(t, api, "application/json", row.body)
			if got.Status != row.status {
				t.Errorf("status %d, want %d", got.Status, row.status)
			}
			if line := api.Log.String(); !strings.Contains(line, `"dynamodb_calls":1,`) {
				t.Errorf("a warm request is no single call: %s", line)
			}
		})
	}
}

func TestAllowedLogsOneLineWithoutSecrets(t *testing.T) {
	api := serve(t)
	r := apitest.Request(t, http.MethodPost, api.URL+path, strings.NewReader(appPull))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Request-Id", "session-1")
	got := api.Do(t, r)
	line := api.Log.String()
	if got.Header.Get("X-Request-Id") != "session-1" {
		t.Errorf("X-Request-Id %q, want session-1", got.Header.Get("X-Request-Id"))
	}
	for _, want := range []string{
		`"request_id":"session-1"`, `"family":"gitaccess"`, `"route":"/internal/allowed"`, `"actor":"key-102"`,
		`"container":"project-7"`, `"action":"git-upload-pack"`, `"decision":"allowed"`, `"status":200`, `"dynamodb_calls":`,
	} {
		if !strings.Contains(line, want) {
			t.Errorf("log line %s lacks %s", line, want)
		}
	}
	if strings.Count(line, "\n") != 1 {
		t.Errorf("%d log lines, want 1", strings.Count(line, "\n"))
	}
	for _, secret := range []string{r.Header.Get("Gitlab-Shell-Api-Request"), apitest.Secret, "gtok"} {
		if strings.Contains(line, secret) {
			t.Errorf("log line %s holds a secret", line)
		}
	}
}

func TestAllowedLimitsByAddressToo(t *testing.T) {
	api := serve(t, `{"instance":{"gitlab_shell_operation_limit":2}}`)
	ask := func(key int, address string) int {
		body := fmt.Sprintf(`{"key_id":%d,"action":"git-upload-pack","project":"acme/app","check_ip":%q}`, key, address)
		return send(t, api, "application/json", body).Status
	}
	rows := []struct {
		name, address string
		key, want     int
	}{
		{"the first from an address", "203.0.113.9", 101, 200},
		{"the second from it, another key", "203.0.113.9", 102, 200},
		{"the third from it, another key again", "203.0.113.9", 103, 429},
		{"from another address", "203.0.113.10", 103, 200},
		{"from the machine itself", "127.0.0.1", 108, 200},
		{"from it again", "127.0.0.1", 202, 200},
		{"and again, as it is trusted", "127.0.0.1", 201, 200},
	}
	for _, row := range rows {
		if got := ask(row.key, row.address); got != row.want {
			t.Errorf("%s: status %d, want %d", row.name, got, row.want)
		}
	}
}

func TestAllowedCreatesOneProjectForPushesAtOnce(t *testing.T) {
	api := serve(t)
	body := strings.Replace(appPush, "acme/app", "dan/fresh", 1)
	const pushes = 8
	answers := make(chan *apitest.Answer, pushes)
	for range pushes {
		go func() {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Gitlab-Shell-Api-Request", apitest.Token(t))
			w := httptest.NewRecorder()
			mount(api.Deps).ServeHTTP(w, r)
			answers <- &apitest.Answer{Status: w.Code, Body: w.Body.String()}
		}()
	}
	repositories := map[string]bool{}
	for range pushes {
		got := <-answers
		if got.Status != http.StatusOK {
			t.Errorf("status %d: %s", got.Status, got.Body)
		}
		repositories[fmt.Sprint(got.Object()["gl_repository"])] = true
	}
	if len(repositories) != 1 {
		t.Errorf("repositories %v, want one", repositories)
	}
}
