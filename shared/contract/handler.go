package contract

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"postern/shared/storetest/definition"
)

// own is the document of this tree. It is a package variable, because parsing it takes longer than most tests.
var own = sync.OnceValues(func() (*Document, error) {
	root, err := definition.Here()
	if err != nil {
		return nil, err
	}
	return Read(filepath.Join(root, File))
})

// Own returns the document of this tree. All tests of a package share it, so it must not be changed.
func Own(t testing.TB) *Document {
	t.Helper()
	d, err := own()
	if err != nil {
		t.Fatalf("contract: %v", err)
	}
	return d
}

// Handler wraps a handler and fails the test for each exchange that does not match the document.
func Handler(t testing.TB, next http.Handler) http.Handler {
	t.Helper()
	d := Own(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &Exchange{Request: r.Clone(r.Context()), Status: http.StatusOK}
		var sent, body bytes.Buffer
		if r.Body != http.NoBody {
			r.Body = tee{io.TeeReader(r.Body, &sent), r.Body}
		}
		next.ServeHTTP(&writer{ResponseWriter: w, status: &e.Status, body: &body}, r)
		e.Header, e.Sent, e.Body = w.Header(), sent.Bytes(), body.Bytes()
		if err := d.Check(r.Context(), e); err != nil {
			t.Errorf("contract: %s %s: %v\nsent %.2000s\nanswered %d %.2000s", r.Method, r.URL, err, e.Sent, e.Status, e.Body)
		}
	})
}

// tee copies a body while it is read. The unread rest stays unread.
type tee struct {
	io.Reader
	io.Closer
}

// writer records the answer while it is sent.
type writer struct {
	http.ResponseWriter
	status *int
	body   *bytes.Buffer
}

// WriteHeader records the status.
func (w *writer) WriteHeader(status int) {
	*w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write records the body.
func (w *writer) Write(p []byte) (int, error) {
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

// Unwrap supports http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
