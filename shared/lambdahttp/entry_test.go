package lambdahttp

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"go.uber.org/goleak"

	"postern/shared/httpapi"
	"postern/shared/trace/tracetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type lock struct{}

func (lock) Authenticate(_ context.Context, r *http.Request) error {
	if r.Header.Get("Key") != "open" {
		return errors.New("wrong key")
	}
	return nil
}

// api is a family with a log.
func api(log io.Writer) http.Handler {
	return httpapi.New([]httpapi.Route{
		{Method: http.MethodPost, Path: "/internal/echo", Auth: lock{}, Handler: echo},
		{Method: http.MethodGet, Path: "/internal/groups/:name", Auth: lock{}, Handler: echo},
		{Method: http.MethodPost, Path: "/internal/panic", Auth: lock{}, Handler: func(context.Context, *httpapi.Params) (httpapi.Response, error) {
			panic("boom")
		}},
		{Method: http.MethodPost, Path: "/internal/late", Auth: lock{}, Handler: func(ctx context.Context, _ *httpapi.Params) (httpapi.Response, error) {
			<-ctx.Done()
			return httpapi.Response{}, ctx.Err()
		}},
	}, httpapi.Options{Family: "test", Logger: slog.New(slog.NewJSONHandler(log, nil)), FreshStart: true})
}

func echo(_ context.Context, p *httpapi.Params) (httpapi.Response, error) {
	texts := map[string]any{}
	for _, name := range []string{"key_id", "name", "q"} {
		if text, given := p.Text(name); given {
			texts[name] = text
		}
	}
	if p.Has("l") {
		texts["l"] = p.Texts("l")
	}
	return httpapi.Response{Body: texts}, p.Err()
}

// event reads an event of the gateway and changes it.
func event(t testing.TB, changes map[string]any) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "event.json"))
	if err != nil {
		t.Fatal(err)
	}
	var e map[string]any
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	for key, value := range changes {
		e[key] = value
	}
	raw, err = json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// answer is what the gateway gets.
type answer struct {
	StatusCode        int
	Headers           map[string]string
	MultiValueHeaders map[string][]string
	Body              string
	IsBase64Encoded   bool
}

func (a answer) header(name string) string {
	if values := a.MultiValueHeaders[name]; len(values) > 0 {
		return values[0]
	}
	return a.Headers[name]
}

func invoke(t testing.TB, ctx context.Context, h http.Handler, payload []byte) answer { //nolint:revive // t first
	t.Helper()
	raw, err := Entry(h).Invoke(ctx, payload)
	if err != nil {
		t.Fatalf("Invoke: %v", err)
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatalf("answer %s: %v", raw, err)
	}
	return a
}

const (
	echoed  = `{"key_id":"11","l":["1","2"],"name":"<é>","q":"a b&c"}`
	refused = `{"message":"400 Bad request"}`
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

func TestPayloadsThatAreNoEvents(t *testing.T) {
	for payload, want := range map[string]int{
		``: 400, `{`: 400, `[]`: 400, `"x"`: 400, `null`: 404, `{}`: 404, `{"version":"2.0"}`: 404, `{"path":1}`: 400,
		`{"version":"2.0","requestContext":[]}`: 400,
	} {
		if got := invoke(t, t.Context(), api(io.Discard), []byte(payload)); got.StatusCode != want {
			t.Errorf("%s = %d %s, want %d", payload, got.StatusCode, got.Body, want)
		}
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

// What the request has of the event.
func TestRequest(t *testing.T) {
	var got *http.Request
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.WriteHeader(http.StatusOK)
	})
	invoke(t, t.Context(), h, event(t, nil))
	if got.RemoteAddr != "203.0.113.9" || got.URL.Path != "/api/v4/internal/echo" || got.Method != http.MethodPost {
		t.Errorf("%s %s from %s", got.Method, got.URL.Path, got.RemoteAddr)
	}
	if got.Header.Get("User-Agent") == "" || got.ContentLength == 0 {
		t.Errorf("%v, %d bytes", got.Header, got.ContentLength)
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

func FuzzEntry(f *testing.F) {
	f.Add(event(f, nil))
	f.Add(event(f, map[string]any{"path": "/%zz", "body": "%", "isBase64Encoded": true}))
	f.Add([]byte(`{"path":"//x@y:z/","httpMethod":"","multiValueQueryStringParameters":{"":["&"]}}`))
	entry := Entry(api(io.Discard))
	f.Fuzz(func(t *testing.T, payload []byte) {
		raw, err := entry.Invoke(t.Context(), payload)
		if err != nil {
			t.Fatalf("Invoke: %v", err)
		}
		var a answer
		if err := json.Unmarshal(raw, &a); err != nil || a.StatusCode < 200 || a.StatusCode >= 500 && !bytes.Contains(payload, []byte("panic")) &&
			!bytes.Contains(payload, []byte("late")) {
			t.Errorf("%s: %s", payload, raw)
		}
	})
}

// BenchmarkFloor is what a function costs that does nothing: the whole event decoded, the adapter, the answer encoded.
func BenchmarkFloor(b *testing.B) {
	adapter, payload := httpadapter.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, echoed)
	})), event(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		var e events.APIGatewayProxyRequest
		if err := json.Unmarshal(payload, &e); err != nil {
			b.Fatal(err)
		}
		answer, err := adapter.ProxyWithContext(b.Context(), e)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(answer); err != nil {
			b.Fatal(err)
		}
	}
}

// From the event's bytes to the answer's, without token and decision.
func BenchmarkEntry(b *testing.B) {
	entry, payload := Entry(api(io.Discard)), event(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := entry.Invoke(b.Context(), payload); err != nil {
			b.Fatal(err)
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
	if got := d.Heard(); got["name"] != "family" || got["trace_id"] != "1-5759e988-bd862e3fe1be46a994272793" {
		t.Errorf("%v", got)
	}
}
