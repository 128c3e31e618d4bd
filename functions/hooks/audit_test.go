package hooks_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/shared/apitest"
)

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

// gitlab-sshd sends one request id for all commands of a connection.
func TestAuditEventsOfOneConnection(t *testing.T) {
	t.Parallel()
	api := serve(t, `{"namespaces":[{"id":20,"git_audit":true}]}`)
	push := func(changes, token string) {
		t.Helper()
		body := `{"action":"git-receive-pack","protocol":"ssh","gl_repository":"project-7","username":"dan","changes":"` + changes + `"}`
		r := apitest.Request(t, http.MethodPost, api.URL+"/api/v4/internal/shellhorse/git_audit_event", strings.NewReader(body))
		r.Header.Set("X-Request-Id", "one")
		r.Header.Set("Gitlab-Shell-Api-Request", token)
		if answer := api.Do(t, r); answer.Status != 200 {
			t.Errorf("got %d %s", answer.Status, answer.Body)
		}
	}
	started, token := time.Now(), apitest.Token(t)
	forth, back := a+" "+b+" refs/heads/main", b+" "+a+" refs/heads/main"
	for _, changes := range []string{forth, forth, back, back, back} { // each HTTP request with its repeats
		push(changes, token)
	}
	events, err := api.Store.AuditEvents(t.Context(), 20, started, time.Now(), 10)
	if err != nil || len(events) != 2 || events[0].Changes != forth || events[1].Changes != back {
		t.Errorf("events %+v, %v; want one for each of the two pushes", events, err)
	}
}
