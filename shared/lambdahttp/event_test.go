package lambdahttp

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

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
