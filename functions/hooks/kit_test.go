package hooks_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"postern/functions/gitaccess"
	"postern/functions/hooks"
	"postern/shared/apitest"
	"postern/shared/gitaly"
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

func live(t *testing.T, api *apitest.API, repository string, want int) {
	t.Helper()
	if got, err := api.Store.LiveLeases(t.Context(), repository); err != nil || got != want {
		t.Errorf("%d pushes alive, want %d (%v)", got, want, err)
	}
}

func outbox(t *testing.T, api *apitest.API, repository string) int {
	t.Helper()
	return len(api.Table.Partition(t, "outbox#"+repository))
}
