// Package docs serves the description of the API at /docs of the local system: infra/openapi.yaml in Swagger UI. It is not deployed.
package docs

import (
	"embed"
	"net/http"
	"os"
	"path"
	"strings"
)

const (
	prefix   = "/docs"
	document = "infra/openapi.yaml" // below the module's root
)

// policy limits the page and the viewer to requests to this server.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed page
var pages embed.FS

// Handler answers paths below /docs and forwards all others unchanged.
type Handler struct {
	Root string // the module's directory
	Next http.Handler
}

func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, below := strings.CutPrefix(r.URL.Path, prefix)
	switch {
	case !below || name != "" && name[0] != '/':
		h.Next.ServeHTTP(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "405 Method Not Allowed", http.StatusMethodNotAllowed)
	default:
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.serve(w, r, strings.Trim(name, "/"))
	}
}

// serve reads each file anew, so a reload shows a changed document.
func (h Handler) serve(w http.ResponseWriter, r *http.Request, name string) {
	switch name {
	case "":
		http.ServeFileFS(w, r, pages, "page/page.html")
	case "start.js":
		http.ServeFileFS(w, r, pages, "page/start.js")
	case path.Base(document):
		w.Header().Set("Content-Type", "application/yaml")
		http.ServeFileFS(w, r, os.DirFS(h.Root), document)
	case "swagger-ui.css", "swagger-ui-bundle.js":
		h.serveViewer(w, r, name)
	default:
		http.NotFound(w, r)
	}
}
