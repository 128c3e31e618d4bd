package httpapi

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const allowedBody = `{"action":"git-upload-pack","project":"group/proj.git","changes":"_any","protocol":"ssh",` +
	`"key_id":"1","check_ip":"203.0.113.9"}`

// discard is a ResponseWriter that keeps nothing, so that only the service is measured.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

func benchmark(b *testing.B, route Route, target, body string) {
	b.Helper()
	h := New([]Route{route}, Options{
		Family: "bench", Logger: slog.New(slog.NewJSONHandler(struct{ io.Writer }{io.Discard}, nil)), Timeout: 29 * time.Second,
	})
	r := httptest.NewRequest(route.Method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Request-Id", "01HZX3T9")
	source := strings.NewReader(body)
	b.ReportAllocs()
	for b.Loop() {
		source.Reset(body)
		r.Body = io.NopCloser(source)
		h.ServeHTTP(&discard{header: make(http.Header, 8)}, r)
	}
}

// Everything around an /allowed request but the token and the decision.
func BenchmarkAllowedEdge(b *testing.B) {
	benchmark(b, Route{
		Method: http.MethodPost, Path: "/internal/allowed", Auth: pass{},
		Handler: func(_ context.Context, p *Params) (Response, error) {
			p.ID("key_id")
			for _, name := range []string{"action", "protocol", "changes", "check_ip", "project", "gl_repository"} {
				p.Text(name)
			}
			return Response{Body: struct {
				Status  bool   `json:"status"`
				Message string `json:"message"`
			}{true, "<ok>"}}, p.Err()
		},
	}, "/api/v4/internal/allowed", allowedBody)
}

// The same for discover.
func BenchmarkDiscoverEdge(b *testing.B) {
	benchmark(b, Route{
		Method: http.MethodGet, Path: "/internal/discover", Auth: pass{},
		Handler: func(_ context.Context, p *Params) (Response, error) {
			p.ID("key_id")
			return Response{Body: struct {
				ID   int64  `json:"id"`
				Name string `json:"name"`
			}{1, "Dede"}}, p.Err()
		},
	}, "/api/v4/internal/discover?key_id=11", "")
}

type pass struct{}

func (pass) Authenticate(context.Context, *http.Request) error { return nil }
