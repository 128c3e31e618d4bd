package httpapi

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"postern/shared/trace/tracetest"
)

// A trace is found by the id that caller, log and answer know the request by.
func TestTracesAreFoundByTheRequestsID(t *testing.T) {
	d := tracetest.Listen(t)
	h := New(routes(), Options{Family: "family", Tracer: d.Tracer("daemon")})
	rows := []struct {
		name, key, target string
		want              map[string]any // annotations
		error, fault      bool
	}{
		{"a refusal", "bad", "/internal/check", map[string]any{
			"request_id": "id-1", "route": "/internal/check", "decision": "denied", "failed_check": "authentication",
			"dynamodb_calls": 0.0, "cold_start": false,
		}, true, false},
		{"a defect", "open", "/internal/panic", map[string]any{
			"request_id": "id-1", "route": "/internal/panic", "dynamodb_calls": 0.0, "cold_start": false,
		}, false, true},
		{"a path that is not declared is not told", "open", "/s3cr3t", map[string]any{
			"request_id": "id-1", "dynamodb_calls": 0.0, "cold_start": false,
		}, true, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(tracetest.In(t.Context(), tracetest.Kept), http.MethodGet, row.target, http.NoBody)
			r.Header.Set("X-Request-Id", "id-1")
			r.Header.Set("Key", row.key)
			h.ServeHTTP(httptest.NewRecorder(), r)
			got := d.Document()
			annotations, _ := got["annotations"].(map[string]any)
			if got["name"] != "family" || got["parent_id"] != "53995c3f42cd8ad8" || !maps.Equal(annotations, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
			if (got["error"] == true) != row.error || (got["fault"] == true) != row.fault {
				t.Errorf("got %v", got)
			}
		})
	}
}
