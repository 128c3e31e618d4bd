package infra_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
)

func query(route string, pairs ...string) *http.Request {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return httptest.NewRequest(http.MethodGet, "/api/v4/internal/"+route+"?"+v.Encode(), http.NoBody)
}

func allowed(pairs ...string) *http.Request {
	v := url.Values{"changes": {"_any"}, "protocol": {"ssh"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return post("application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
}

const (
	fetch = "git-upload-pack"
	push  = "git-receive-pack"
)

func pushes() []*http.Request {
	all := []*http.Request{
		allowed("key_id", "102", "action", fetch, "project", "acme/app.git"),
		allowed("key_id", "102", "action", push, "project", "acme/app.git"),
		allowed("key_id", "101", "action", fetch, "project", "acme/app.git"),
		allowed("key_id", "204", "action", fetch, "project", "acme/app.git"),
		allowed("key_id", "201", "action", push, "project", "acme/app.git"),
		allowed("username", "dan", "action", fetch, "project", "acme/oldname"),
		allowed("key_id", "105", "action", fetch, "project", "acme/pub"),
		allowed("user_id", "13", "action", fetch, "gl_repository", "project-7"),
		allowed("key_id", "102", "action", fetch, "project", "acme/app.wiki.git"),
		allowed("key_id", "102", "action", fetch, "project", "snippets/31.git"),
		allowed("key_id", "102", "action", fetch, "project", "acme/app/snippets/32.git"),
		allowed("key_id", "102", "action", push, "project", "dan/fresh.git"),
		allowed("key_id", "102", "action", push, "project", "dan/fresh.git"),
		allowed("key_id", "102", "action", fetch, "project", "acme/nothing"),
		allowed("key_id", "102", "action", fetch, "project", "nobody/nothing"),
		allowed("action", fetch, "project", "acme/pub"),
	}
	for range 4 {
		all = append(all, allowed("key_id", "103", "action", fetch, "project", "acme/pub"))
	}
	return all
}

// changes are pushes in the form of Gitaly's hook. Git history decides about them.
func changes(r *gitalytest.Repository) []*http.Request {
	announced := func(actor, id, line string) *http.Request {
		return allowed(actor, id, "action", push, "gl_repository", "project-7", "protocol", "web", "changes", line)
	}
	zeros := strings.Repeat("0", len(r.A))
	return []*http.Request{
		announced("user_id", "12", r.A+" "+r.B+" refs/heads/main"),
		announced("user_id", "12", r.A+" "+r.C+" refs/heads/main"),
		announced("user_id", "12", zeros+" "+r.A+" refs/heads/rel-2"),
		announced("key_id", "202", zeros+" "+r.B+" refs/tags/v2"),
	}
}

// explanations are administrators' requests for an explanation.
func explanations() []*http.Request {
	return []*http.Request{
		form("allowed/explain", "key_id", "104", "action", fetch, "project", "acme/app.git", "changes", "_any", "protocol", "ssh"),
	}
}

func lookups() []*http.Request {
	const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIEOUoqVhRHhocfH9qs9uJC3Et83kX9jy0YvYlCdp6Yp5"
	return []*http.Request{
		query("authorized_keys", "key", blob),
		query("authorized_keys", "key", blob),
		query("authorized_keys", "key", "nothing"),
		query("authorized_certs", "key", authority, "user_identifier", "dan"),
		query("authorized_certs", "key", authority, "user_identifier", "dan@example.com"),
		query("authorized_certs", "key", authority, "user_identifier", "nora"),
		query("authorized_certs", "key", "nothing", "user_identifier", "dan"),
		query("discover", "key_id", "102"),
		query("discover", "key_id", "204"),
		query("discover", "username", "dan"),
		query("discover", "user_id", "13"),
		query("discover", "identifier", "key-201"),
	}
}

// notification is a request of Gitaly's hooks or of gitlab-shell. An empty id sends no request id.
func notification(route, id, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/api/v4/internal/"+route, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if id != "" {
		r.Header.Set("X-Request-Id", id)
	}
	return r
}

// notifications are the requests around pushes. They meet an existing merge request 1, a full lease item of project-8 and a
// stored message for the pusher.
func notifications() []*http.Request {
	after := func(id, repository, identifier, branch, options string) *http.Request {
		return notification("post_receive", id, fmt.Sprintf(`{"gl_repository":%q,"identifier":%q,"changes":"%040d %040d refs/heads/%s","push_options":%s}`,
			repository, identifier, 1, 2, branch, options))
	}
	const audited = `{"action":"git-upload-pack","protocol":"ssh","gl_repository":"project-7","username":"dan","key_id":102,` +
		`"packfile_stats":{"payload_size":124,"packets":12},"changes":"_any"}`
	return []*http.Request{
		notification("pre_receive", "push-1", `{"gl_repository":"project-7"}`),
		notification("pre_receive", "", `{"gl_repository":"project-7"}`),
		notification("pre_receive", "", `{"gl_repository":"project-8"}`),
		after("push-1", "project-7", "key-102", "feat", "null"),
		after("push-1", "project-7", "key-102", "feat", "null"),
		after("", "project-7", "user-12", "feat", `["merge_request.create"]`),
		after("", "project-7", "key-204", "feat", "null"),
		after("", "wiki-7", "key-102", "main", "null"),
		after("", "snippet-31", "user-13", "main", "null"),
		notification("shellhorse/git_audit_event", "fetch-1", audited),
	}
}

func form(route string, pairs ...string) *http.Request {
	r := query(route, pairs...)
	r.Method = http.MethodPost
	return r
}

func lfsCalls() []*http.Request {
	return []*http.Request{
		form("lfs_authenticate", "key_id", "102", "project", "acme/app.git"),
		form("lfs_authenticate", "key_id", "102", "project", "acme/app.git"),
		form("lfs_authenticate", "key_id", "204", "project", "acme/oldname"),
		form("lfs_authenticate", "username", "dan", "gl_repository", "wiki-7"),
		form("lfs_authenticate", "user_id", "13", "project", "snippets/31.git"),
	}
}

// credentialCalls need the moment of the request, because the one-time password depends on it.
func credentialCalls(t *testing.T, now time.Time) []*http.Request {
	t.Helper()
	code := apitest.OneTimePassword(t, otpSecret, now)
	return []*http.Request{
		form("two_factor_recovery_codes", "key_id", "101"),
		form("two_factor_recovery_codes", "user_id", "12"),
		form("two_factor_config", "key_id", "204"),
		form("two_factor_manual_otp_check", "key_id", "101", "otp_attempt", code),
		form("two_factor_push_otp_check", "key_id", "101"),
		form("personal_access_token", "key_id", "102", "name", "n", "scopes[]", "api"),
	}
}
