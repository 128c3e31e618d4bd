package httpapi

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

// logged serves requests and returns the lines of the log.
func logged(t *testing.T, o Options, serve func(http.Handler)) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	o.Logger = slog.New(slog.NewJSONHandler(&out, nil))
	serve(New(routes(), o))
	var lines []map[string]any
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var line map[string]any
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestLogLine(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time {
		now = now.Add(250 * time.Millisecond)
		return now
	}
	lines := logged(t, Options{Family: "family", FreshStart: true, Now: clock}, func(h http.Handler) {
		ask(t, h, http.MethodGet, "/api/v4/internal/refused?x=1", "", "X-Request-Id", "id-1")
		ask(t, h, http.MethodGet, "/internal/check", "", "Key", "bad")
		ask(t, h, http.MethodGet, "/api/v4/namespaces/secret/limit", "")
		ask(t, h, http.MethodGet, "/secret", "")
		ask(t, h, http.MethodGet, "/internal/panic", "")
	})
	want := []map[string]any{
		{"request_id": "id-1", "family": "family", "route": "/internal/refused", "method": "GET", "status": 404.0, "cold_start": true, "level": "INFO", "duration_ms": 250.0, "cause": "404 Key Not Found"},
		{"route": "/internal/check", "status": 401.0, "cold_start": false, "decision": "denied", "failed_check": "authentication"},
		{"route": "/namespaces/:id/limit", "status": 200.0},
		{"route": "", "status": 404.0},
		{"route": "/internal/panic", "status": 500.0, "level": "ERROR"},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d", len(lines), len(want))
	}
	for i, line := range lines {
		for name, value := range want[i] {
			if line[name] != value {
				t.Errorf("line %d: %s = %v, want %v", i, name, line[name], value)
			}
		}
	}
	if cause, _ := lines[4]["cause"].(string); !strings.Contains(cause, "panic: runtime error") {
		t.Errorf("cause of the panic: %q", cause)
	}
}

// Nothing that a request brings gets into the log but what handlers say.
func TestNothingSecretIsLogged(t *testing.T) {
	const secret = "s3cr3t"
	var out bytes.Buffer
	h := New(routes(), Options{Logger: slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	header := []string{
		"Gitlab-Shell-Api-Request", secret, "Gitlab-Kas-Api-Request", secret, "Authorization", "Bearer " + secret,
		"Gitlab-Shared-Secret", secret, "X-Request-Id", secret + " ", "Cookie", secret,
	}
	for _, key := range []string{"open", secret} {
		for _, target := range []string{"/internal/echo", "/internal/refused", "/internal/broken", "/" + secret, "/api/v4/namespaces/" + secret + "/limit"} {
			for _, body := range []string{"", `{"secret_token":"` + secret + `"}`, `{"` + secret, secret} {
				ask(t, h, http.MethodPost, target+"?key="+secret, body, append(header, "Key", key, "Content-Type", "application/json")...)
				ask(t, h, http.MethodPost, target, body, append(header, "Key", key, "Content-Type", secret)...)
			}
		}
	}
	if out.Len() == 0 || strings.Contains(out.String(), secret) {
		t.Errorf("log: %s", out.String())
	}
}
