package lambdahttp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"postern/shared/httpapi"
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
