package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fingerprintOf asks a route for the fingerprint of a request.
func fingerprintOf(t *testing.T, path, id, token, body string) string {
	t.Helper()
	var made string
	answer := func(_ context.Context, p *Params) (Response, error) {
		var err error
		made, err = p.Fingerprint("Token")
		return Response{}, err
	}
	h := New([]Route{
		{Method: http.MethodPost, Path: "/internal/a", Auth: letIn{}, Handler: answer},
		{Method: http.MethodPost, Path: "/internal/b", Auth: letIn{}, Handler: answer},
	}, Options{})
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Token", token)
	if id != "" {
		r.Header.Set("X-Request-Id", id)
	}
	h.ServeHTTP(httptest.NewRecorder(), r)
	if made == "" {
		t.Fatal("no fingerprint")
	}
	return made
}

type letIn struct{}

// handedOn is the key of what an authenticator hands on.
type handedOn struct{}

func (letIn) Authenticate(context.Context, *http.Request) error { return nil }

func TestFingerprint(t *testing.T) {
	const body = `{"key_id":"1","name":"n"}`
	first := fingerprintOf(t, "/internal/a", "id", "jwt", body)
	rows := []struct {
		name                  string
		path, id, token, body string
		same                  bool
	}{
		{"the same again", "/internal/a", "id", "jwt", body, true},
		{"by the route's other spelling", "/api/v4/internal/a", "id", "jwt", body, true},
		{"in another order", "/internal/a", "id", "jwt", `{"name":"n","key_id":"1"}`, true},
		{"another route", "/internal/b", "id", "jwt", body, false},
		{"another id", "/internal/a", "other", "jwt", body, false},
		{"another token", "/internal/a", "id", "other", body, false},
		{"another parameter", "/internal/a", "id", "jwt", `{"key_id":"1","name":"m"}`, false},
		{"no id of its own", "/internal/a", "", "jwt", body, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := fingerprintOf(t, row.path, row.id, row.token, row.body); (got == first) != row.same {
				t.Errorf("the same: %v, want %v", got == first, row.same)
			}
		})
	}
}

// byParameter refuses by headers, and lets in who knows the word.
type byParameter struct{ asked *bool }

func (byParameter) Authenticate(context.Context, *http.Request) error { return errors.New("no header") }

func (b byParameter) AuthenticateParams(ctx context.Context, _ *http.Request, p *Params) (context.Context, error) {
	*b.asked = true
	if word, _ := p.Text("word"); word != "open" {
		return ctx, errors.New("wrong word")
	}
	return context.WithValue(ctx, handedOn{}, "loaded"), nil
}

func TestAuthenticationByParameters(t *testing.T) {
	rows := []struct {
		name          string
		query, body   string
		status        int
		asked, passed bool
	}{
		{"the right word", "", `{"word":"open"}`, 200, true, true},
		{"a wrong word", "", `{"word":"shut"}`, 401, true, false},
		{"a body that cannot be read", "", `{`, 401, true, false},
		{"a body that cannot be read behind the right word", "word=open", `{`, 400, true, false},
		{"a query that cannot be read", "word=open&%zz", `{"word":"open"}`, 401, true, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			asked, passed := false, false
			h := New([]Route{{
				Method: http.MethodPost, Path: "/internal/a", Auth: byParameter{&asked},
				Handler: func(ctx context.Context, _ *Params) (Response, error) {
					passed = ctx.Value(handedOn{}) == "loaded"
					return Response{Body: true}, nil
				},
			}}, Options{})
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/internal/a?"+row.query, strings.NewReader(row.body)))
			if w.Code != row.status || asked != row.asked || passed != row.passed {
				t.Errorf("%d, asked %v, passed %v", w.Code, asked, passed)
			}
		})
	}
}
