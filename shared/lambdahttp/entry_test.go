package lambdahttp

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postern/shared/httpapi"
	"postern/shared/trace/tracetest"
)

func TestEvents(t *testing.T) {
	body := `{"key_id":"11","name":"<é>"}`
	encoded := base64.StdEncoding.EncodeToString([]byte(body))
	unknown := `{"error":"404 Not Found"}`
	rows := []struct {
		name    string
		changes map[string]any
		status  int
		body    string
	}{
		{"as the gateway sends it", nil, 200, echoed},
		{"single headers only", map[string]any{"multiValueHeaders": nil}, 200, echoed},
		{"single query only", map[string]any{"multiValueQueryStringParameters": nil}, 200, `{"key_id":"11","name":"<é>","q":"a b&c"}`},
		{"body in base64", map[string]any{"body": encoded, "isBase64Encoded": true}, 200, echoed},
		{"no body", map[string]any{"body": nil}, 200, `{"l":["1","2"],"q":"a b&c"}`},
		{"bad base64", map[string]any{"body": "%%%", "isBase64Encoded": true}, 400, refused},
		{"bad escape in the path", map[string]any{"path": "/api/v4/internal/%zz"}, 400, refused},
		{"control letter in the path", map[string]any{"path": "/a\x00b"}, 400, refused},
		{"bad method", map[string]any{"httpMethod": "GET /"}, 400, refused},
		{"other method", map[string]any{"httpMethod": "PATCH"}, 405, `{"error":"405 Method Not Allowed"}`},
		{"slash at the end", map[string]any{"path": "/api/v4/internal/echo/"}, 200, echoed},
		{"path without a slash", map[string]any{"path": "internal/echo"}, 200, echoed},
		{"no path", map[string]any{"path": ""}, 404, unknown},
		{"a query in the path is not one", map[string]any{"path": "/internal/echo?q=2"}, 404, unknown},
		{"a fragment in the path is not one", map[string]any{"path": "/internal/echo#x"}, 404, unknown},
		{"two slashes are no host", map[string]any{"path": "//internal/echo"}, 404, unknown},
		{
			"escaped slash",
			map[string]any{"path": "/api/v4/internal/groups/a%2Fb", "httpMethod": "GET", "body": nil},
			200, `{"l":["1","2"],"name":"a/b","q":"a b&c"}`,
		},
		{"unknown path", map[string]any{"path": "/nothing"}, 404, unknown},
		{"version 3", map[string]any{"path": "/api/v3/x"}, 410, `{"error":"API V3 is no longer supported. Use API V4 instead."}`},
		{"no key", map[string]any{"multiValueHeaders": map[string]any{}}, 401, `{"message":"401 Unauthorized"}`},
		{"a panic", map[string]any{"path": "/internal/panic"}, 500, `{"message":"500 Internal Server Error"}`},
		{"headers of a wrong type", map[string]any{"multiValueHeaders": "x"}, 400, refused},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := invoke(t, t.Context(), api(io.Discard), event(t, row.changes))
			if got.StatusCode != row.status || got.Body != row.body || got.IsBase64Encoded {
				t.Errorf("%d %s, want %d %s", got.StatusCode, got.Body, row.status, row.body)
			}
			if got.header("Content-Type") != "application/json" || got.header("X-Request-Id") == "" {
				t.Errorf("headers %v %v", got.MultiValueHeaders, got.Headers)
			}
		})
	}
}

// The adapter alone answers these with a gateway timeout, with the last status, or not at all.
func TestHandlersThatMisbehave(t *testing.T) {
	const internal = `{"message":"500 Internal Server Error"}`
	rows := []struct {
		name    string
		handler http.HandlerFunc
		status  int
		body    string
	}{
		{"answers nothing", func(http.ResponseWriter, *http.Request) {}, 500, internal},
		{"sets headers only", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("A", "b") }, 500, internal},
		{"panics", func(http.ResponseWriter, *http.Request) { panic("boom") }, 500, internal},
		{"panics with the usual abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 500, internal},
		{"panics behind its answer", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			panic("boom")
		}, 418, ""},
		{"says two statuses", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			w.WriteHeader(http.StatusOK)
		}, 418, ""},
		{"says a status behind its body", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "x")
			w.WriteHeader(http.StatusTeapot)
		}, 200, "x"},
		{"says a status only", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, 204, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := invoke(t, t.Context(), row.handler, event(t, nil))
			if got.StatusCode != row.status || got.Body != row.body {
				t.Errorf("%d %s, want %d %s", got.StatusCode, got.Body, row.status, row.body)
			}
		})
	}
}

// The deadline of the Lambda's context is the request's, less a margin for the answer.
func TestDeadlineOfTheLambda(t *testing.T) {
	payload := event(t, map[string]any{"path": "/internal/late"})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		got := invoke(t, ctx, api(io.Discard), payload)
		if took := time.Since(began); got.StatusCode != http.StatusServiceUnavailable || took != 9*time.Second {
			t.Errorf("%d %s after %v of 10 s", got.StatusCode, got.Body, took)
		}
	})
}

// Every invocation leaves one line, also one whose event makes no request; the first is a cold start.
func TestLogLines(t *testing.T) {
	var log bytes.Buffer
	entry := Entry(api(&log))
	for _, changes := range []map[string]any{nil, {"path": "/%zz"}, {"path": "/internal/panic"}} {
		if _, err := entry.Invoke(t.Context(), event(t, changes)); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	want := []string{`"status":200`, `"status":400`, `"status":500`}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d: %s", len(lines), len(want), log.String())
	}
	for i, line := range lines {
		cold := strings.Contains(line, `"cold_start":true`)
		if !strings.Contains(line, want[i]) || !strings.Contains(line, `"request_id":"id-1"`) || cold != (i == 0) {
			t.Errorf("line %d: %s", i, line)
		}
	}
}

// The trace that Lambda names reaches the request through both adapters.
func TestEventsAreTraced(t *testing.T) {
	d := tracetest.Listen(t)
	h := Entry(httpapi.New(nil, httpapi.Options{Family: "family", Tracer: d.Tracer("daemon")}))
	if _, err := h.Invoke(tracetest.In(t.Context(), tracetest.Kept), event(t, nil)); err != nil {
		t.Fatal(err)
	}
	if got := d.Document(); got["name"] != "family" || got["trace_id"] != "1-5759e988-bd862e3fe1be46a994272793" {
		t.Errorf("%v", got)
	}
}
