package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/shared/apitest"
)

// recorded is a request as an unmodified client sent it, without its token.
type recorded struct {
	Name    string            `json:"name"` // the client's reason
	Client  string            `json:"client"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Query   [][2]string       `json:"query"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// recordings reads a file of recorded requests.
func recordings(t *testing.T, file string) []recorded {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var requests []recorded
	if err := json.Unmarshal(raw, &requests); err != nil || len(requests) == 0 {
		t.Fatalf("%d requests: %v", len(requests), err)
	}
	return requests
}

// world is the directory of the recorded requests.
const world = `{
 "users":[{"id":42,"username":"jane","name":"Jane","email":"jane@example.com","enterprise_group_id":60,"two_factor_enabled":true,"otp_secret":"JBSWY3DPEHPK3PXP"}],
 "keys":[{"id":1,"user_id":42,"title":"k","key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA0x0000000000000000000000000000000000000000"}],
 "instance":{"edition":"ee"},
 "namespaces":[{"id":60,"kind":"group","path":"group"}],
 "projects":[{"id":70,"namespace_id":60,"path":"proj"}],
 "members":[{"user_id":42,"namespace_id":60,"access_level":40},{"user_id":42,"project_id":7,"access_level":40}],
 "ssh_certificates":[{"namespace_id":60,"fingerprint":"Quvv42Q9O8JJoq8k9dfrJinTB8XiK3Ga59YaN1tQu2o","title":"ca"}]}`

// allowedAnswer has the types that gitlab-shell and Gitaly decode. A value of another type breaks the login.
type allowedAnswer struct {
	Status           bool     `json:"status"`
	Repo             string   `json:"gl_repository"`
	UserID           string   `json:"gl_id"`
	KeyType          string   `json:"gl_key_type"`
	KeyID            int      `json:"gl_key_id"`
	ProjectID        int      `json:"gl_project_id"`
	RootNamespaceID  int      `json:"gl_root_namespace_id"`
	Username         string   `json:"gl_username"`
	GitConfigOptions []string `json:"git_config_options"`
	ConsoleMessages  []string `json:"gl_console_messages"`
	NeedAudit        bool     `json:"need_audit"`
	Gitaly           struct {
		Repository map[string]any    `json:"repository"`
		Address    string            `json:"address"`
		Token      string            `json:"token"`
		Features   map[string]string `json:"features"`
	} `json:"gitaly"`
}

// The real clients can parse the answers to their recorded requests: 200 with the right types.
func TestRecordedRequests(t *testing.T) {
	api := serve(t, world)
	for _, r := range recordings(t, "recorded.json") {
		t.Run(r.Client+": "+r.Name, func(t *testing.T) {
			got := api.Do(t, r.request(t, api.URL))
			if got.Status != http.StatusOK {
				t.Fatalf("status %d, want 200: %s", got.Status, got.Body)
			}
			if id := r.Headers["X-Request-Id"]; id != "" && got.Header.Get("X-Request-Id") != id {
				t.Errorf("X-Request-Id %q, want %q", got.Header.Get("X-Request-Id"), id)
			}
			r.checkTypes(t, got)
		})
	}
}

// request returns the recorded request with a fresh token.
func (r *recorded) request(t *testing.T, base string) *http.Request {
	t.Helper()
	query := url.Values{}
	for _, pair := range r.Query {
		query.Add(pair[0], pair[1])
	}
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	request := apitest.Request(t, r.Method, base+r.Path+"?"+query.Encode(), body)
	request.Close = true // the clients open a connection for each request
	for name, value := range r.Headers {
		request.Header.Set(name, value)
	}
	return request
}

// hookAnswer is Gitaly's view of an answer. A false counter or an unknown type of message fails the hook.
type hookAnswer struct {
	Increased *bool `json:"reference_counter_increased"`
	Decreased *bool `json:"reference_counter_decreased"`
	Messages  []struct {
		Message string `json:"message"`
		Type    string `json:"type"`
	} `json:"messages"`
}

func checkHook(t *testing.T, got *apitest.Answer) {
	t.Helper()
	var answer hookAnswer
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil {
		t.Fatalf("Gitaly cannot parse %s: %v", got.Body, err)
	}
	if counter := cmp.Or(answer.Increased, answer.Decreased); counter == nil || !*counter || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the answer %s fails the hook", got.Body)
	}
	for _, m := range answer.Messages {
		if m.Type != "basic" && m.Type != "alert" {
			t.Errorf("unknown type of message %q", m.Type)
		}
	}
}

func (r *recorded) checkTypes(t *testing.T, got *apitest.Answer) {
	t.Helper()
	if strings.HasSuffix(r.Path, "_receive") {
		checkHook(t, got)
		return
	}
	if r.Path != allowed {
		if got.Object() == nil {
			t.Errorf("body %s, want an object", got.Body)
		}
		return
	}
	var answer allowedAnswer
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil {
		t.Fatalf("the client cannot parse %s: %v", got.Body, err)
	}
	if !answer.Status || answer.UserID != "user-42" || answer.Username != "jane" || answer.Gitaly.Address == "" {
		t.Errorf("answer %+v, want jane accepted", answer)
	}
}
