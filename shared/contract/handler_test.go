package contract_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/shared/contract"
)

// noted is a test that records its failures.
type noted struct {
	testing.TB
	failures bytes.Buffer
}

func (n *noted) Errorf(format string, args ...any) { fmt.Fprintf(&n.failures, format, args...) }

// play sends a request to a handler with a fixed answer. It returns the recorded answer and the failures.
func play(t *testing.T, r *http.Request, status int, body string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	n := &noted{TB: t}
	h := contract.Handler(n, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sent, err := io.ReadAll(r.Body); err != nil || len(sent) != int(r.ContentLength) {
			t.Errorf("the handler reads %q, %v", sent, err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "1")
		if status != http.StatusOK {
			w.WriteHeader(status)
		}
		_, _ = io.WriteString(w, body)
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w, n.failures.String()
}

func newRequest(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/internal/pre_receive", strings.NewReader(body))
	r.Header.Set("Gitlab-Shell-Api-Request", "token")
	return r
}

func TestHandlerForwardsExchange(t *testing.T) {
	const answer = `{"reference_counter_increased":true}`
	w, failures := play(t, newRequest(`{"gl_repository":"project-1"}`), http.StatusOK, answer)
	if w.Code != http.StatusOK || w.Body.String() != answer || failures != "" {
		t.Errorf("%d %s, %s", w.Code, w.Body, failures)
	}
}

func TestHandlerFailsTestOnDeviation(t *testing.T) {
	cases := []struct {
		name, sent string
		status     int
		answer     string
		want       []string
	}{
		{"an undocumented status", `{"gl_repository":"project-1"}`, http.StatusTeapot, `{}`, []string{"status 418 is not among", `sent {"gl_repository"`, "answered 418 {}"}},
		{"an invalid answer", `{"gl_repository":"project-1"}`, http.StatusOK, `{}`, []string{"POST /internal/pre_receive: the answer does not match"}},
		{"an invalid accepted request", `{}`, http.StatusOK, `{"reference_counter_increased":true}`, []string{"the accepted request does not match"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, failures := play(t, newRequest(c.sent), c.status, c.answer)
			for _, want := range c.want {
				if !strings.Contains(failures, want) {
					t.Errorf("failures lack %q: %s", want, failures)
				}
			}
		})
	}
}
