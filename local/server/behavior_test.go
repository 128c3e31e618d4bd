package server

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/local/invoke"
	"postern/shared/apitest"
	"postern/shared/store"
)

// The behavior cases of the git family, numbered, against the whole system.

func TestBehaviorAuthentication(t *testing.T) { run(t, authenticationCases(t)) }

func TestBehaviorAllowedFromShell(t *testing.T) { run(t, shellCases()) }

func TestBehaviorAllowedFromGitaly(t *testing.T) {
	r := newHistory(t)
	run(t, append(branchCases(r), gitalyCases(t, r)...), r.documents()...)
}

func TestBehaviorLFS(t *testing.T) { run(t, lfsCases()) }

func TestBehaviorCredentials(t *testing.T) { run(t, credentialCases()) }

func TestBehaviorErrorTracking(t *testing.T) { run(t, errorTrackingCases()) }

func TestBehaviorKeys(t *testing.T) { run(t, keyCases(t)) }

// serve returns a system with the fixture and the documents. It is a new one, or the one at apitest.URL.
func serve(t *testing.T, documents ...string) *apitest.API {
	t.Helper()
	if api := apitest.Elsewhere(t, withFixture(documents)...); api != nil {
		tally.asked(t, api)
		return api
	}
	return serveHere(t, documents...)
}

// serveHere returns a new system for tests of the process itself: its log, its deadline, its route tables.
func serveHere(t *testing.T, documents ...string) *apitest.API {
	t.Helper()
	api := apitest.Serve(t, withRoles(t), withFixture(documents)...)
	tally.asked(t, api)
	return api
}

func withFixture(documents []string) [][]byte {
	loaded := [][]byte{apitest.Fixture(), apitest.Administrator()}
	for _, d := range documents {
		loaded = append(loaded, []byte(d))
	}
	return loaded
}

func system(d apitest.Deps) http.Handler {
	return mount(func() *store.Store { return d.Store }, authentication{d.Shell, d.KAS, d.Tokens}, d.HTTP, invoke.API{})
}

// want is the expected answer. Empty fields are not checked.
type want struct {
	status  int
	body    string            // the whole body
	message string            // the whole message
	prefix  string            // the beginning of the message
	has     map[string]string // values of the body, as fmt.Sprint prints them
	lacks   []string          // missing keys
	like    string            // a regular expression of the body
}

// behavior is one of the numbered behavior cases.
type behavior struct {
	number string
	name   string
	given  []string // directory documents to load before
	call   func(t *testing.T, api *apitest.API) *apitest.Answer
	want   want
	inside bool // needs a system in the test's process
	then   func(t *testing.T, api *apitest.API)
}

const allowed = "/api/v4/internal/allowed"

// shell is a call of gitlab-shell.
func shell(key int, action, path string) func(*testing.T, *apitest.API) *apitest.Answer {
	return post(map[string]any{
		"key_id": key, "action": "git-" + action, "project": path, "changes": "_any", "protocol": "ssh",
	})
}

func post(body map[string]any) func(*testing.T, *apitest.API) *apitest.Answer {
	return func(t *testing.T, api *apitest.API) *apitest.Answer {
		explained := explain(t, api, body)
		answer := api.Post(t, allowed, body)
		explained.matches(t, answer)
		return answer
	}
}

// with changes parameters of a call of gitlab-shell.
func with(key int, action, path string, changes map[string]any) func(*testing.T, *apitest.API) *apitest.Answer {
	body := map[string]any{
		"key_id": key, "action": "git-" + action, "project": path, "changes": "_any", "protocol": "ssh",
	}
	for name, value := range changes {
		if value == nil {
			delete(body, name)
			continue
		}
		body[name] = value
	}
	return post(body)
}

func get(path string, pairs ...string) func(*testing.T, *apitest.API) *apitest.Answer {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return func(t *testing.T, api *apitest.API) *apitest.Answer {
		return api.Get(t, "/api/v4/internal/"+path, query)
	}
}

// signed sends the check route with a JWT in a header.
func signed(header, value string) func(*testing.T, *apitest.API) *apitest.Answer {
	return func(t *testing.T, api *apitest.API) *apitest.Answer {
		r := apitest.Request(t, http.MethodGet, api.URL+"/api/v4/internal/check", nil)
		r.Header.Del("Gitlab-Shell-Api-Request")
		if header != "" {
			r.Header.Set(header, value)
		}
		return api.Do(t, r)
	}
}

func jwt(value string) func(*testing.T, *apitest.API) *apitest.Answer {
	return signed("Gitlab-Shell-Api-Request", value)
}

// message checks the stored message for a user's next post_receive.
func message(user int, repository, kind, text string) func(*testing.T, *apitest.API) {
	return func(t *testing.T, api *apitest.API) {
		t.Helper()
		got, _ := api.Table.Text(t, fmt.Sprintf("message#%d#%s", user, repository), kind, "text")
		if got != text {
			t.Errorf("%s message %q, want %q", kind, got, text)
		}
	}
}

func noMessage(user int, repository, kind string) func(*testing.T, *apitest.API) {
	return message(user, repository, kind, "")
}

// run plays behavior cases against the whole system through its port. Cases without changes share one system and come first.
// Each of the others gets a new system.
func run(t *testing.T, cases []behavior, documents ...string) {
	t.Helper()
	shared := serve(t, documents...)
	alike, others := apart(cases)
	for _, c := range alike {
		t.Run(c.title(), func(t *testing.T) {
			tally.asked(t, shared)
			c.play(t, shared)
		})
	}
	for _, c := range others {
		t.Run(c.title(), func(t *testing.T) {
			own := serve
			if c.inside {
				own = serveHere
			}
			c.play(t, own(t, slices.Concat(documents, c.given)...))
		})
	}
}

// apart separates the cases that can share a system from the others.
func apart(cases []behavior) (alike, others []*behavior) {
	for i := range cases {
		if c := &cases[i]; len(c.given) == 0 && !c.inside {
			alike = append(alike, c)
		} else {
			others = append(others, c)
		}
	}
	return alike, others
}

func (c *behavior) title() string { return fmt.Sprintf("case %s: %s", c.number, c.name) }

func (c *behavior) play(t *testing.T, api *apitest.API) {
	t.Helper()
	c.want.check(t, c.call(t, api))
	if c.then != nil {
		c.then(t, api)
	}
}

func (w *want) check(t *testing.T, got *apitest.Answer) {
	t.Helper()
	if got.Status != w.status {
		t.Fatalf("status %d, want %d; body %s", got.Status, w.status, got.Body)
	}
	if kind := got.Header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("Content-Type %q, want application/json", kind)
	}
	if w.body != "" && strings.TrimSpace(got.Body) != w.body {
		t.Errorf("body %s, want %s", got.Body, w.body)
	}
	if w.message != "" && got.Message() != w.message {
		t.Errorf("message %q, want %q", got.Message(), w.message)
	}
	if !strings.HasPrefix(got.Message(), w.prefix) {
		t.Errorf("message %q, want it to begin with %q", got.Message(), w.prefix)
	}
	if w.like != "" && !regexp.MustCompile(w.like).MatchString(got.Body) {
		t.Errorf("body %s, want it to match %s", got.Body, w.like)
	}
	w.checkFields(t, got.Object())
}

func (w *want) checkFields(t *testing.T, object map[string]any) {
	t.Helper()
	for name, value := range w.has {
		if found := fmt.Sprint(field(object, name)); found != value {
			t.Errorf("%s is %s, want %s", name, found, value)
		}
	}
	for _, name := range w.lacks {
		if _, there := object[name]; there {
			t.Errorf("%s is present", name)
		}
	}
}

// field returns a value by its dotted name.
func field(object map[string]any, name string) any {
	head, rest, nested := strings.Cut(name, ".")
	if !nested {
		return object[head]
	}
	inner, _ := object[head].(map[string]any)
	return field(inner, rest)
}
