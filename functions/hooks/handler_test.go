package hooks_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postern/functions/hooks"
	"postern/shared/apitest"
	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/pushes"
	"postern/shared/table"
)

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

// A client that repeats a request because the answer was lost gets the same answer, and nothing happens twice.
func TestRepeats(t *testing.T) {
	for _, id := range []string{"", "01HF0000000000000000000000"} {
		t.Run("request id "+id, func(t *testing.T) {
			api := serve(t)
			kept := "Project 'x' was moved to 'y'."
			project := gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}
			if err := api.Store.KeepMessage(t.Context(), 13, project, pushes.MovedMessage, kept); err != nil {
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

var errBroken = &table.UnavailableError{Op: "UpdateItem", Err: errors.New("nobody there")}

func (broken) BeginLease(context.Context, string, string) error { return errBroken }

func (broken) AcceptPush(context.Context, *pushes.AcceptedPush) ([]pushes.PushMessage, bool, error) {
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
