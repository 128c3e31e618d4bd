package docs_test

import (
	"archive/zip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/local/docs"
)

// tree creates a module's directory with a document and a viewer of the given files.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "infra", "openapi.yaml"), "openapi: 3.1.1\n")
	if len(files) == 0 {
		return root
	}
	archive := filepath.Join(root, ".cache", "docs", "swagger-ui-5.0.0.jar")
	write(t, archive, "")
	out, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	packed := zip.NewWriter(out)
	for _, name := range files {
		w, err := packed.Create("META-INF/resources/webjars/swagger-ui/5.0.0/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "the text of "+name); err != nil {
			t.Fatal(err)
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return root
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, root, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "passed on "+r.URL.EscapedPath())
	})
	docs.Handler{Root: root, Next: next}.ServeHTTP(w, httptest.NewRequest(method, path, http.NoBody))
	return w
}

func TestHandler(t *testing.T) {
	root := tree(t, "swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui.js")
	cases := []struct {
		name, method, path string
		status             int
		kind, has          string
	}{
		{"the page", "GET", "/docs", 200, "text/html; charset=utf-8", "/docs/swagger-ui-bundle.js"},
		{"the page, with a slash", "GET", "/docs/", 200, "text/html; charset=utf-8", "/docs/start.js"},
		{"the script of the viewer", "GET", "/docs/start.js", 200, "text/javascript; charset=utf-8", "/docs/openapi.yaml"},
		{"the document", "GET", "/docs/openapi.yaml", 200, "application/yaml", "openapi: 3.1.1"},
		{"the viewer's form", "GET", "/docs/swagger-ui.css", 200, "text/css; charset=utf-8", "the text of swagger-ui.css"},
		{"the viewer", "GET", "/docs/swagger-ui-bundle.js", 200, "text/javascript; charset=utf-8", "the text of swagger-ui-bundle.js"},
		{"another file of the viewer", "GET", "/docs/swagger-ui.js", 404, "", ""},
		{"a file outside", "GET", "/docs/../go.mod", 404, "", ""},
		{"an unsupported method", "POST", "/docs", 405, "", ""},
		{"a path with the same prefix", "GET", "/docsx", 418, "", "passed on /docsx"},
		{"a path of the API", "POST", "/internal//docs%2F", 418, "", "passed on /internal//docs%2F"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := ask(t, root, c.method, c.path)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
				t.Errorf("%d %s, want %d with %q", w.Code, w.Body, c.status, c.has)
			}
			if c.kind != "" && w.Header().Get("Content-Type") != c.kind {
				t.Errorf("Content-Type %q, want %q", w.Header().Get("Content-Type"), c.kind)
			}
			closed := strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'; ")
			if w.Code == http.StatusOK && !closed {
				t.Error("the page may send requests to other hosts")
			}
		})
	}
}

func TestMissingViewer(t *testing.T) {
	half := tree(t, "swagger-ui.css")
	broken := tree(t)
	write(t, filepath.Join(broken, ".cache", "docs", "swagger-ui-5.0.0.jar"), "no archive")
	cases := []struct {
		name, root string
		status     int
		want       string
	}{
		{"no setup", tree(t), 503, "`make setup` installs it"},
		{"an archive without the file", half, 500, "has no swagger-ui-bundle.js"},
		{"a file that is not an archive", broken, 500, "not a valid zip file"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if w := ask(t, c.root, "GET", "/docs/swagger-ui-bundle.js"); w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%d %s, want %d with %q", w.Code, w.Body, c.status, c.want)
			}
		})
	}
}

func TestReloadShowsAChangedDocument(t *testing.T) {
	root := tree(t)
	write(t, filepath.Join(root, "infra", "openapi.yaml"), "changed")
	if w := ask(t, root, "GET", "/docs/openapi.yaml"); w.Body.String() != "changed" {
		t.Errorf("got %s", w.Body)
	}
}
