package hooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"postern/functions/gitaccess"
	"postern/functions/hooks"
	"postern/shared/apitest"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/store"
)

var (
	zero = strings.Repeat("0", 40)
	a    = strings.Repeat("a", 40)
	b    = strings.Repeat("b", 40)
)

func mount(d apitest.Deps) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/v4/internal/allowed", gitaccess.New(gitaccess.Deps{
		Store: d.Store, Gitaly: gitaly.New(gitaly.Options{}), Shell: d.Shell, Now: d.Now, HTTP: d.HTTP,
	}))
	mux.Handle("/", hooks.New(hooks.Deps{Store: d.Store, Shell: d.Shell, Now: d.Now, HTTP: d.HTTP}))
	return mux
}

func serve(t *testing.T, documents ...string) *apitest.API {
	t.Helper()
	loaded := [][]byte{apitest.Fixture()}
	for _, d := range documents {
		loaded = append(loaded, []byte(d))
	}
	return apitest.Serve(t, mount, loaded...)
}

func preReceive(t *testing.T, api *apitest.API, repository string) *apitest.Answer {
	t.Helper()
	return send(t, api, "pre_receive", map[string]any{"gl_repository": repository}, "")
}

// send sends a request with an id of the caller, or without one.
func send(t *testing.T, api *apitest.API, route string, body map[string]any, requestID string) *apitest.Answer {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := apitest.Request(t, http.MethodPost, api.URL+"/api/v4/internal/"+route, strings.NewReader(string(raw)))
	if requestID != "" {
		r.Header.Set("X-Request-Id", requestID)
	}
	return api.Do(t, r)
}

// done is a post_receive of @dan's, changed as given.
func done(changes ...any) map[string]any {
	body := map[string]any{
		"gl_repository": "project-7", "identifier": "key-102", "changes": zero + " " + a + " refs/heads/feature\n", "push_options": nil,
	}
	for i := 0; i < len(changes); i += 2 {
		body[changes[i].(string)] = changes[i+1]
	}
	return body
}

func postReceive(t *testing.T, api *apitest.API, body map[string]any, requestID string) *apitest.Answer {
	t.Helper()
	return send(t, api, "post_receive", body, requestID)
}

// said lists the messages of an answer, each as "type: text".
func said(t *testing.T, answer *apitest.Answer) []string {
	t.Helper()
	var body struct {
		Messages  []struct{ Message, Type string }
		Decreased bool `json:"reference_counter_decreased"`
	}
	if err := json.Unmarshal([]byte(answer.Body), &body); err != nil || answer.Status != 200 || !body.Decreased || body.Messages == nil {
		t.Fatalf("got %d %s", answer.Status, answer.Body)
	}
	list := []string{}
	for _, m := range body.Messages {
		list = append(list, m.Type+": "+m.Message)
	}
	return list
}

const (
	create  = "basic: To create a merge request for feature, visit:\n  https://gitlab.example.com/acme/app/-/merge_requests/new?merge_request%5Bsource_branch%5D=feature"
	view    = "basic: View merge request for feature:\n  https://gitlab.example.com/acme/app/-/merge_requests/"
	banner  = `{"message":"Maintenance tonight","starts_at":"2020-01-01T00:00:00Z","ends_at":"2999-01-01T00:00:00Z"%s}`
	request = `{"merge_requests":[{"project_id":7,"iid":4,"source_branch":"feature","target_branch":"main"%s}]}`
)

func banners(more ...string) string {
	list := make([]string, len(more))
	for i, m := range more {
		list[i] = fmt.Sprintf(banner, m)
	}
	return `{"instance":{"broadcast_messages":[` + strings.Join(list, ",") + `]}}`
}

// The behavior cases 124 to 136, and what lies around them.
func TestPostReceiveMessages(t *testing.T) {
	warning := func(options, text string) string {
		return "alert: WARNINGS:\nError encountered with push options " + options + ": " + text
	}
	opt := func(options ...string) []any { return []any{"push_options", options} }
	tests := []struct {
		name      string
		documents []string
		changes   []any
		want      []string
	}{
		{"126 a new branch", nil, opt("ci.skip", "another push option"), []string{create}},
		{"127 with an open merge request", []string{fmt.Sprintf(request, "")}, nil, []string{view + "4"}},
		{"127 with a closed one", []string{fmt.Sprintf(request, `,"state":"closed"`)}, nil, []string{create}},
		{"127 with two open ones, the newer", []string{
			fmt.Sprintf(request, ""), strings.Replace(fmt.Sprintf(request, ""), `"iid":4`, `"iid":11`, 1),
		}, nil, []string{view + "11"}},
		{"127 into another project", []string{
			`{"merge_requests":[{"project_id":8,"iid":5,"source_project_id":7,"source_branch":"feature","target_branch":"main"}]}`,
		}, nil, []string{"basic: View merge request for feature:\n  https://gitlab.example.com/acme/pub/-/merge_requests/5"}},
		{"128 nothing but the default branch, a tag, a deletion", nil, []any{
			"changes", a + " " + b + " refs/heads/main\n" + zero + " " + a + " refs/tags/v9\n" + a + " " + zero + " refs/heads/gone\n",
		}, []string{}},
		{"129 no options", nil, []any{"push_options", nil}, []string{create}},
		{"131 a banner", []string{banners("")}, nil, []string{"alert: Maintenance tonight", create}},
		{"131 not for terminals", []string{banners(`,"show_in_cli":false`)}, nil, []string{create}},
		{"131 a notification", []string{banners(`,"type":"notification"`)}, nil, []string{create}},
		{"131 for this path, before a later one for all", []string{banners(`,"target_path":"ACME/*"`, ``)}, nil, []string{"alert: Maintenance tonight", create}},
		{"131 for another path", []string{banners(`,"target_path":"other/*"`)}, nil, []string{create}},
		{"131 for developers", []string{banners(`,"target_access_levels":[30]`)}, nil, []string{"alert: Maintenance tonight", create}},
		{"131 for guests", []string{banners(`,"target_access_levels":[10]`)}, nil, []string{create}},
		{"132 a target that is missing", nil, opt("merge_request.target=nope"), []string{
			warning("'merge_request.target=nope'", "Target branch acme/app:nope does not exist"), create,
		}},
		{"133 no create", nil, opt("mr.title=x"), []string{
			warning("'mr.title=x'", "A merge_request.create push option is required to create a merge request for branch feature"), create,
		}},
		{"133 all options are told", nil, opt("ci.skip", "mr.title=x"), []string{
			warning("'ci.skip' 'mr.title=x'", "A merge_request.create push option is required to create a merge request for branch feature"), create,
		}},
		{"134 wiki", nil, append(opt("merge_request.create"), "gl_repository", "wiki-7"), []string{
			warning("'merge_request.create'", "Push options are only supported for projects"),
		}},
		{"135 nobody", nil, []any{"identifier", "key-9999"}, []string{create}},
		{"136 no such project", nil, []any{"gl_repository", "project-999"}, []string{}},
		{"not a repository at all", nil, []any{"gl_repository", "nothing"}, []string{}},
		{"options of nobody", nil, append(opt("mr.create"), "identifier", "key-9999"), []string{warning("'mr.create'", "User is required"), create}},
		{"options of a guest", nil, append(opt("mr.create"), "identifier", "key-104"), []string{warning("'mr.create'", "User access was denied"), create}},
		{"into another project", nil, opt("mr.create", "mr.target_project=acme/pub"), []string{
			warning("'mr.create' 'mr.target_project=acme/pub'", "Projects acme/app and acme/pub are not in the same network"), create,
		}},
		{"into this one by its path", nil, opt("mr.create", "mr.target_project=ACME/app"), []string{view + "1"}},
		{"created", nil, opt("mr.create", "mr.target=dev"), []string{view + "1"}},
		{"created where documents have brought others", []string{strings.Replace(fmt.Sprintf(request, ""), "feature", "other", 1), `{"merge_requests":[
			{"project_id":7,"iid":1,"source_branch":"x","target_branch":"main"}]}`}, opt("mr.create"), []string{view + "5"}},
		{"create with an open one", []string{fmt.Sprintf(request, "")}, opt("mr.create"), []string{view + "4"}},
		{"not enabled", []string{`{"projects":[{"id":7,"merge_requests_access_level":"disabled"}]}`}, opt("mr.create"), []string{
			warning("'mr.create'", "Merge requests are not enabled for project acme/app"),
		}},
		{"links switched off", []string{`{"projects":[{"id":7,"printing_merge_request_link_enabled":false}]}`}, nil, []string{}},
		{"eleven branches", nil, append(opt("mr.create", "mr.target=nope"), "changes", many(11)), append([]string{
			warning("'mr.create' 'mr.target=nope'", "Too many branches pushed (11 were pushed, limit is 10)\n\nTarget branch acme/app:nope does not exist"),
		}, manyLinks(11)...)},
		{"a branch that must be escaped", nil, []any{"changes", zero + " " + a + " refs/heads/a/b&c"}, []string{
			strings.NewReplacer("for feature", "for a/b&c", "=feature", "=a%2Fb%26c").Replace(create),
		}},
		{"an empty repository", nil, []any{"gl_repository", "project-10"}, []string{}},
		{"a personal snippet", nil, []any{"gl_repository", "snippet-31"}, []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := serve(t, tt.documents...)
			got := said(t, postReceive(t, api, done(tt.changes...), ""))
			if strings.Join(got, "\n--\n") != strings.Join(tt.want, "\n--\n") {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func many(n int) string {
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "%s %s refs/heads/b%d\n", zero, a, i)
	}
	return lines.String()
}

func manyLinks(n int) []string {
	links := make([]string, n)
	for i := range n {
		name := fmt.Sprintf("b%d", i)
		links[i] = strings.NewReplacer("for feature", "for "+name, "=feature", "="+name).Replace(create)
	}
	return links
}

// Cases 124, 130: the counter of pushes, and a message that is shown once.
func TestOnePush(t *testing.T) {
	api := serve(t)
	pull := map[string]any{"key_id": 102, "action": "git-upload-pack", "project": "acme/oldname", "changes": "_any", "protocol": "ssh"}
	if answer := api.Post(t, "/api/v4/internal/allowed", pull); answer.Status != 200 {
		t.Fatalf("allowed: %d %s", answer.Status, answer.Body)
	}
	if answer := preReceive(t, api, "project-7"); answer.Body != `{"reference_counter_increased":true}` {
		t.Fatalf("pre_receive: %d %s", answer.Status, answer.Body)
	}
	live(t, api, "project-7", 1)
	got := said(t, postReceive(t, api, done(), ""))
	if len(got) != 2 || got[0] != create || !strings.HasPrefix(got[1], "basic: Project 'acme/oldname' was moved to 'acme/app'.") {
		t.Errorf("first: %q", got)
	}
	live(t, api, "project-7", 0)
	if got := said(t, postReceive(t, api, done("changes", a+" "+b+" refs/heads/feature"), "")); len(got) != 1 {
		t.Errorf("second: %q", got)
	}
	live(t, api, "project-7", 0)
}

func live(t *testing.T, api *apitest.API, repository string, want int) {
	t.Helper()
	if got, err := api.Store.LiveLeases(t.Context(), repository); err != nil || got != want {
		t.Errorf("%d pushes alive, want %d (%v)", got, want, err)
	}
}

// A client that repeats a request because the answer was lost gets the same answer, and nothing happens twice.
func TestRepeats(t *testing.T) {
	for _, id := range []string{"", "01HF0000000000000000000000"} {
		t.Run("request id "+id, func(t *testing.T) {
			api := serve(t)
			kept := "Project 'x' was moved to 'y'."
			project := gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}
			if err := api.Store.KeepMessage(t.Context(), 13, project, store.MovedMessage, kept); err != nil {
				t.Fatal(err)
			}
			preReceive(t, api, "project-7")
			preReceive(t, api, "project-7")
			first := postReceive(t, api, done(), id)
			again := postReceive(t, api, done(), id)
			if first.Body != again.Body || !strings.Contains(first.Body, kept) {
				t.Errorf("first %s, again %s", first.Body, again.Body)
			}
			if n := outbox(t, api, "project-7"); n != 1 {
				t.Errorf("%d pushes in the outbox, want 1", n)
			}
			if id == "" {
				live(t, api, "project-7", 1)
			}
			postReceive(t, api, done("changes", a+" "+zero+" refs/heads/feature"), id)
			postReceive(t, api, done(), strings.Replace(id, "F", "G", 1))
			if n := outbox(t, api, "project-7"); n != 3 {
				t.Errorf("%d pushes in the outbox after the branch went and came again, want 3", n)
			}
		})
	}
}

func outbox(t *testing.T, api *apitest.API, repository string) int {
	t.Helper()
	return len(api.Table.Partition(t, "outbox#"+repository))
}

func TestPushesKeepWhatTheySay(t *testing.T) {
	api := serve(t)
	form := url.Values{
		"gl_repository": {"project-7"}, "identifier": {"key-102"}, "push_options[]": {"ci.skip", "mr.create"},
		"changes": {zero + " " + a + " refs/heads/feat\xff\n"},
	}
	r := apitest.Request(t, http.MethodPost, api.URL+"/internal/post_receive", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if answer := api.Do(t, r); answer.Status != 200 {
		t.Fatalf("got %d %s", answer.Status, answer.Body)
	}
	large := many(6000)
	if got := said(t, postReceive(t, api, done("changes", large), "large")); len(got) != 50 {
		t.Errorf("%d links", len(got))
	}
	var refs []string
	for _, item := range api.Table.Partition(t, "outbox#project-7") {
		push, err := api.Store.LoadPush(t.Context(), item)
		if err != nil {
			continue // a further part
		}
		refs = append(refs, fmt.Sprintf("%q %d %d %q", push.Changes[0].Ref, len(push.Changes), push.UserID, push.Options))
	}
	got := strings.Join(refs, "\n")
	for _, want := range []string{`"refs/heads/feat\xff" 1 13 ["ci.skip" "mr.create"]`, `"refs/heads/b0" 6000 13 []`} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The calls of the table: one write for pre_receive, one read and one transaction for post_receive.
func TestBudgets(t *testing.T) {
	api := serve(t)
	postReceive(t, api, done(), "warm")
	for _, id := range []string{"one", "two"} {
		send(t, api, "pre_receive", map[string]any{"gl_repository": "project-7"}, id)
	}
	for _, tt := range []struct {
		name string
		ask  func() *apitest.Answer
		want string
	}{
		{"pre_receive", func() *apitest.Answer { return preReceive(t, api, "project-7") }, `"dynamodb_calls":1,"dynamodb_read_units":0,"dynamodb_write_units":1,`},
		{"post_receive", func() *apitest.Answer {
			return postReceive(t, api, done("changes", a+" "+b+" refs/heads/main"), "one")
		}, `"dynamodb_calls":2,"dynamodb_read_units":6,`},
		{"post_receive with a new branch", func() *apitest.Answer { return postReceive(t, api, done(), "two") }, `"dynamodb_calls":2,"dynamodb_read_units":6,`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api.Log.Reset()
			if answer := tt.ask(); answer.Status != 200 || !strings.Contains(api.Log.String(), tt.want) {
				t.Errorf("%d %s, log %s", answer.Status, answer.Body, api.Log)
			}
		})
	}
}

func TestBadRequests(t *testing.T) {
	api := serve(t)
	tests := []struct {
		name, path, body string
		status           int
		like             string
	}{
		{"pre_receive without repository", "pre_receive", `{}`, 400, "gl_repository is missing"},
		{"pre_receive with a wrong type", "pre_receive", `{"gl_repository":[]}`, 400, "gl_repository is invalid"},
		{"pre_receive of anything", "pre_receive", `{"gl_repository":"whatever"}`, 200, "true"},
		{"pre_receive of something very long", "pre_receive", `{"gl_repository":"` + strings.Repeat("x", 5000) + `"}`, 200, "true"},
		{"post_receive without repository", "post_receive", `{}`, 400, "gl_repository is missing"},
		{"post_receive with malformed changes", "post_receive", `{"gl_repository":"project-7","changes":"a b c"}`, 400, "changes is malformed"},
		{"post_receive with options of a wrong type", "post_receive", `{"gl_repository":"project-7","push_options":[{}]}`, 400, "push_options is invalid"},
		{"post_receive without anything else", "post_receive", `{"gl_repository":"project-7"}`, 200, `"messages":[]`},
		{"audit of no repository", "shellhorse/git_audit_event", `{"action":"git-upload-pack"}`, 400, "gl_repository is malformed"},
		{"audit of an unknown project", "shellhorse/git_audit_event", `{"gl_repository":"project-999"}`, 200, "{}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := apitest.Request(t, http.MethodPost, api.URL+"/api/v4/internal/"+tt.path, strings.NewReader(tt.body))
			if answer := api.Do(t, r); answer.Status != tt.status || !strings.Contains(answer.Body, tt.like) {
				t.Errorf("got %d %s", answer.Status, answer.Body)
			}
		})
	}
}

// broken is a store that cannot be reached.
type broken struct{ *store.Store }

var errBroken = &store.UnavailableError{Op: "UpdateItem", Err: errors.New("nobody there")}

func (broken) BeginLease(context.Context, string, string) error { return errBroken }

func (broken) AcceptPush(context.Context, *store.AcceptedPush) ([]store.PushMessage, bool, error) {
	return nil, false, errBroken
}

// Case 125: what cannot be noted refuses the push before it happens; after it the hook fails, and is not told that all is well.
func TestTheTableIsGone(t *testing.T) {
	api := apitest.ServeDeps(t, apitest.NewDeps(t, apitest.Fixture()), func(d apitest.Deps) http.Handler {
		return hooks.New(hooks.Deps{Store: broken{d.Store}, Shell: d.Shell, Now: d.Now, HTTP: d.HTTP})
	})
	if answer := preReceive(t, api, "project-7"); answer.Status != 200 || answer.Body != `{"reference_counter_increased":false}` {
		t.Errorf("pre_receive: %d %s", answer.Status, answer.Body)
	}
	if answer := postReceive(t, api, done(), ""); answer.Status != 503 {
		t.Errorf("post_receive: %d %s", answer.Status, answer.Body)
	}
	if !strings.Contains(api.Log.String(), "nobody there") {
		t.Errorf("the log says %s", api.Log)
	}
}

func TestAuditEvents(t *testing.T) {
	api := serve(t, `{"namespaces":[{"id":20,"git_audit":true}]}`)
	audit := func(body, id string) {
		t.Helper()
		r := apitest.Request(t, http.MethodPost, api.URL+"/api/v4/internal/shellhorse/git_audit_event", strings.NewReader(body))
		r.Header.Set("X-Request-Id", id)
		if answer := api.Do(t, r); answer.Status != 200 || answer.Body != "{}" {
			t.Errorf("got %d %s", answer.Status, answer.Body)
		}
	}
	fetch := `{"action":"git-upload-pack","protocol":"ssh","gl_repository":"project-7","username":"dan","key_id":102,` +
		`"packfile_stats":{"payload_size":124,"packets":12},"check_ip":"127.0.0.1","changes":"_any"}`
	started := time.Now()
	audit(fetch, "one")
	audit(fetch, "one") // repeated
	audit(strings.Replace(fetch, "upload", "receive", 1), "two")
	audit(strings.Replace(fetch, "project-7", "snippet-31", 1), "three") // no group
	events, err := api.Store.AuditEvents(t.Context(), 20, started, time.Now(), 10)
	if err != nil || len(events) != 2 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	e := events[0]
	if e.Username != "dan" || e.KeyID != 102 || e.Action != "git-upload-pack" || e.PayloadSize != 124 || e.Packets != 12 ||
		e.RequestID != "one" || e.Path != "acme/app" || e.Repository.String() != "project-7" || e.Protocol != "ssh" || e.CheckIP != "127.0.0.1" {
		t.Errorf("got %+v", e)
	}
	if early, err := api.Store.AuditEvents(t.Context(), 20, started.Add(-time.Hour), started, 10); err != nil || len(early) != 0 {
		t.Errorf("%d events before the first, %v", len(early), err)
	}
	if one, err := api.Store.AuditEvents(t.Context(), 20, started, time.Now(), 1); err != nil || len(one) != 1 {
		t.Errorf("%d events with a limit of one, %v", len(one), err)
	}
}
