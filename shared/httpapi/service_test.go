package httpapi

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postern/shared/requestlog"
)

// lock lets in who has the header Key: open.
type lock struct{}

func (lock) Authenticate(_ context.Context, r *http.Request) error {
	if r.Header.Get("Key") != "open" {
		return errors.New("wrong key")
	}
	return nil
}

// echo answers with everything that it was given.
func echo(_ context.Context, p *Params) (Response, error) { return Response{Body: p.values}, nil }

func answering(response Response, err error) Handler {
	return func(context.Context, *Params) (Response, error) { return response, err }
}

// routes are one of each kind of route.
func routes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: "/internal/check", Auth: lock{}, Handler: answering(Response{Body: "checked"}, nil)},
		{Method: http.MethodPost, Path: "/internal/echo", Auth: lock{}, Handler: echo},
		{Method: http.MethodPut, Path: "/internal/echo", Auth: lock{}, Handler: echo},
		{Method: http.MethodGet, Path: "/internal/echo", Auth: lock{}, Handler: echo},
		{Method: http.MethodGet, Path: "/internal/unlocked", Handler: echo},
		{Method: http.MethodPut, Path: "/internal/modules/starboard/", Auth: lock{}, Handler: echo},
		{Method: http.MethodGet, Path: "/namespaces/:id/limit", Auth: lock{}, Handler: echo},
		{Method: http.MethodPost, Path: "/namespaces/:id/limit", Auth: lock{}, Handler: echo},
		{Method: http.MethodGet, Path: "/api/scim/v2/groups/:group_path/Users/:id", Auth: lock{}, Handler: echo},
		{Method: http.MethodGet, Path: "/internal/null", Auth: lock{}, Handler: answering(Response{Body: Null}, nil)},
		{Method: http.MethodGet, Path: "/internal/created", Auth: lock{}, Handler: answering(Response{
			Status: http.StatusCreated, Body: []string{"<a> & 'b'"}, Header: http.Header{"location": {"/x"}},
		}, nil)},
		{Method: http.MethodDelete, Path: "/internal/empty", Auth: lock{}, Handler: answering(Response{Status: http.StatusNoContent}, nil)},
		{Method: http.MethodGet, Path: "/internal/broken", Auth: lock{}, Handler: answering(Response{}, errors.New("secret of the house"))},
		{Method: http.MethodGet, Path: "/internal/refused", Auth: lock{}, Handler: answering(Response{}, NotFound("Key"))},
		{Method: http.MethodGet, Path: "/internal/away", Auth: lock{}, Handler: answering(Response{}, unavailable(true))},
		{Method: http.MethodGet, Path: "/internal/unwritable", Auth: lock{}, Handler: answering(Response{Body: func() {}}, nil)},
		{Method: http.MethodGet, Path: "/internal/panic", Auth: lock{}, Handler: func(context.Context, *Params) (Response, error) {
			var none *Params
			return Response{Body: none.values}, nil
		}},
		{Method: http.MethodGet, Path: "/internal/busy", Auth: lock{}, Handler: answering(TooManyRequests(), nil)},
		{Method: http.MethodGet, Path: "/internal/late", Auth: lock{}, Handler: func(ctx context.Context, _ *Params) (Response, error) {
			<-ctx.Done()
			return Response{}, ctx.Err()
		}},
	}
}

// ask sends a request with a good key unless the header says otherwise.
func ask(t testing.TB, h http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Key", "open")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHeaders(t *testing.T) {
	h := New(routes(), Options{NewRequestID: func() string { return "fresh" }})
	for _, row := range []struct{ name, target, key string }{
		{"success", "/internal/check", "open"},
		{"refusal", "/internal/check", "bad"},
		{"unknown path", "/nothing", "open"},
		{"panic", "/internal/panic", "open"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := ask(t, h, http.MethodGet, row.target, "", "Key", row.key).Header()
			for name, want := range map[string]string{
				"Content-Type": "application/json", "X-Content-Type-Options": "nosniff",
				"X-Frame-Options": "SAMEORIGIN", "X-Request-Id": "fresh", "Www-Authenticate": "",
			} {
				if got.Get(name) != want {
					t.Errorf("%s = %q, want %q", name, got.Get(name), want)
				}
			}
			if got.Get("X-Runtime") == "" {
				t.Error("no X-Runtime")
			}
		})
	}
	if got := ask(t, h, http.MethodGet, "/internal/created", "").Header().Get("Location"); got != "/x" {
		t.Errorf("the handler's header is %q", got)
	}
	if got := ask(t, h, http.MethodDelete, "/internal/empty", "").Header().Get("Content-Type"); got != "" {
		t.Errorf("no body is %q", got)
	}
}

func TestRequestID(t *testing.T) {
	h := New(routes(), Options{NewRequestID: func() string { return "fresh" }})
	long := strings.Repeat("x", 255)
	for given, want := range map[string]string{
		"01HZX3T9": "01HZX3T9", "a.b_c:d/e+f=g@h-i": "a.b_c:d/e+f=g@h-i", long: long,
		long + "x": "fresh", "": "fresh", "a b": "fresh", "a\"b": "fresh", "a\nb": "fresh", "é": "fresh", "a,b": "fresh",
		"<script>": "fresh",
	} {
		if got := ask(t, h, http.MethodGet, "/internal/check", "", "X-Request-Id", given).Header().Get("X-Request-Id"); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

func TestFreshIDs(t *testing.T) {
	a, b := randomID(), randomID()
	if a == b || len(a) != 32 || !wellFormedID(a) {
		t.Errorf("ids %q and %q", a, b)
	}
}

func FuzzRequestID(f *testing.F) {
	f.Add("01HZX3T9")
	f.Add("a b")
	f.Add("\x00")
	h := New(routes(), Options{})
	f.Fuzz(func(t *testing.T, id string) {
		got := ask(t, h, http.MethodGet, "/internal/check", "", "X-Request-Id", id).Header().Get("X-Request-Id")
		if !wellFormedID(got) || got != id && wellFormedID(id) {
			t.Errorf("%q becomes %q", id, got)
		}
	})
}

// A route without a lock lets nobody in, whatever they bring.
func TestRouteWithoutAuthenticator(t *testing.T) {
	h := New(routes(), Options{})
	for _, target := range []string{"/internal/unlocked", "/api/v4/internal/unlocked/"} {
		w := ask(t, h, http.MethodGet, target, "")
		if w.Code != http.StatusUnauthorized || w.Body.String() != `{"message":"401 Unauthorized"}` {
			t.Errorf("%s = %d %s", target, w.Code, w.Body)
		}
	}
}

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("body was read before authentication")
	return 0, errors.New("unread")
}

func TestAuthenticationComesFirst(t *testing.T) {
	h := New(routes(), Options{})
	for _, contentType := range []string{"application/json", "text/plain"} {
		r := httptest.NewRequest(http.MethodPost, "/internal/echo?a=%zz", unread{t})
		r.Header.Set("Content-Type", contentType)
		r.ContentLength = 10 << 20
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized || w.Body.String() != `{"message":"401 Unauthorized"}` {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

func TestDeadline(t *testing.T) {
	rows := []struct {
		name    string
		gateway time.Duration
		caller  time.Duration // 0 for none
		want    time.Duration
	}{
		{"none given: 50 s less a second", 0, 0, 49 * time.Second},
		{"the gateway's less a second", 29 * time.Second, 0, 28 * time.Second},
		{"never more than 50 s", 15 * time.Minute, 0, 49 * time.Second},
		{"a short one less a tenth", 5 * time.Second, 0, 4500 * time.Millisecond},
		{"the caller's when it is earlier", 29 * time.Second, 20 * time.Second, 19 * time.Second},
		{"the gateway's when the caller's is later", 29 * time.Second, 40 * time.Second, 28 * time.Second},
		{"nothing when the caller's has passed", 29 * time.Second, -time.Second, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // time stands still
				ctx := t.Context()
				if row.caller != 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, row.caller)
					defer cancel()
				}
				ctx, cancel := newService(nil, Options{Timeout: row.gateway}).withDeadline(ctx)
				defer cancel()
				deadline, _ := ctx.Deadline()
				if left := max(time.Until(deadline), 0); left != row.want || (ctx.Err() != nil) != (row.want == 0) {
					t.Errorf("%v left, want %v; %v", left, row.want, ctx.Err())
				}
			})
		})
	}
}

func TestElapsed(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var got time.Duration
	h := New([]Route{{Method: http.MethodGet, Path: "/internal/x", Auth: pass{}, Handler: func(ctx context.Context, _ *Params) (Response, error) {
		got = Elapsed(ctx, start.Add(time.Second))
		requestlog.From(ctx).SetActor("user-1")
		return Response{}, nil
	}}}, Options{Now: func() time.Time { return start }})
	ask(t, h, http.MethodGet, "/internal/x", "")
	if got != time.Second || Elapsed(t.Context(), start) != 0 {
		t.Errorf("Elapsed = %v; outside a request %v", got, Elapsed(t.Context(), start))
	}
}

func TestUnmatched(t *testing.T) {
	h := Unmatched(Options{})
	for target, want := range map[string]int{"/": 404, "/api/v4/internal/check": 404, "/api/v3/projects": 410} {
		if w := ask(t, h, http.MethodGet, target, ""); w.Code != want {
			t.Errorf("%s = %d, want %d", target, w.Code, want)
		}
	}
}

func TestRefuse(t *testing.T) {
	var out bytes.Buffer
	logging := New(routes(), Options{Family: "family", Logger: slog.New(slog.NewJSONHandler(&out, nil))})
	for name, h := range map[string]http.Handler{"one of this package": logging, "any other": http.NotFoundHandler()} {
		w := httptest.NewRecorder()
		Refuse(h, w, httptest.NewRequest(http.MethodGet, "/", nil), BadRequest(""))
		if w.Code != http.StatusBadRequest || w.Body.String() != `{"message":"400 Bad request"}` {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if !strings.Contains(out.String(), `"family":"family"`) {
		t.Errorf("log: %s", out.String())
	}
}
