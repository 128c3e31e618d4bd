package invoke_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/local/invoke"
)

// echo answers with its payload. The payload "fail" fails.
type echo struct{}

func (echo) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	if string(payload) == `"fail"` {
		return nil, fmt.Errorf("wrapped: %w", errors.New("boom"))
	}
	return payload, nil
}

func TestAPIAnswersLikeLambda(t *testing.T) {
	largest := `"` + strings.Repeat("x", invoke.MaxPayload-2) + `"`
	cases := []struct {
		name, method, path, payload string
		header                      http.Header
		status                      int
		body                        string // part of the body
		answer                      http.Header
	}{
		{
			name: "the function's answer", path: invoke.Path("echo"), payload: `{"a":1}`,
			status: 200, body: `{"a":1}`, answer: http.Header{"X-Amz-Executed-Version": {"$LATEST"}},
		},
		{
			name: "an empty payload", path: invoke.Path("echo"), status: 200,
		},
		{
			name: "a failed function is 200 with the error's header", path: invoke.Path("echo"), payload: `"fail"`, status: 200,
			body: `{"errorMessage":"wrapped: boom","errorType":"wrapError"}`, answer: http.Header{"X-Amz-Function-Error": {"Unhandled"}},
		},
		{
			name: "the largest payload passes", path: invoke.Path("echo"), payload: largest, status: 200, body: "xxx",
		},
		{
			name: "one byte more is too large", path: invoke.Path("echo"), payload: largest + " ", status: 413,
			body: "smaller than 6291456 bytes", answer: http.Header{"X-Amzn-Errortype": {"RequestTooLargeException"}},
		},
		{
			name: "malformed JSON is rejected", path: invoke.Path("echo"), payload: `{`, status: 400,
			body: "Could not parse", answer: http.Header{"X-Amzn-Errortype": {"InvalidRequestContentException"}},
		},
		{
			name: "an unknown function is 404", path: invoke.Path("other"), status: 404,
			body: "Function not found", answer: http.Header{"X-Amzn-Errortype": {"ResourceNotFoundException"}},
		},
		{name: "another path of the API is 404", path: "/2015-03-31/functions/echo", status: 404},
		{name: "GET is rejected", method: http.MethodGet, path: invoke.Path("echo"), status: 405},
		{
			name: "a dry run calls nothing", path: invoke.Path("echo"), payload: `"fail"`,
			header: http.Header{"X-Amz-Invocation-Type": {"DryRun"}}, status: 204,
		},
		{
			name: "an asynchronous invocation is rejected", path: invoke.Path("echo"),
			header: http.Header{"X-Amz-Invocation-Type": {"Event"}}, status: 400,
		},
		{
			name: "a web page is rejected", path: invoke.Path("echo"), payload: `{}`,
			header: http.Header{"Origin": {"https://evil.example"}}, status: 403,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			method := c.method
			if method == "" {
				method = http.MethodPost
			}
			r := httptest.NewRequestWithContext(t.Context(), method, c.path, strings.NewReader(c.payload))
			for name, values := range c.header {
				r.Header[name] = values
			}
			w := httptest.NewRecorder()
			invoke.API{"echo": echo{}}.ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
				t.Errorf("answer = %d %.200s, want %d with %s", w.Code, w.Body, c.status, c.body)
			}
			for name, want := range c.answer {
				if got := w.Header().Get(name); got != want[0] {
					t.Errorf("%s = %q, want %q", name, got, want[0])
				}
			}
		})
	}
}

func TestHandles(t *testing.T) {
	for path, want := range map[string]bool{
		invoke.Path("directory"):        true,
		"/2015-03-31/functions/":        true,
		"/api/v4/internal/check":        false,
		"/2015-03-31/event-source/x":    false,
		"/x/2015-03-31/functions/a/inv": false,
	} {
		if got := invoke.Handles(path); got != want {
			t.Errorf("Handles(%s) = %v, want %v", path, got, want)
		}
	}
}
