package docs

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"time"
)

// errNoViewer means that setup has not run.
var errNoViewer = errors.New("the viewer is not below .cache/docs: `make setup` installs it")

// serveViewer answers with a file of Swagger UI from its archive.
func (h Handler) serveViewer(w http.ResponseWriter, r *http.Request, name string) {
	archives, err := filepath.Glob(filepath.Join(h.Root, ".cache", "docs", "swagger-ui-*.jar"))
	if err != nil || len(archives) != 1 {
		http.Error(w, errNoViewer.Error(), http.StatusServiceUnavailable)
		return
	}
	if err := serveArchived(w, r, archives[0], name); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// serveArchived finds the file in any version of the archive.
func serveArchived(w http.ResponseWriter, r *http.Request, archive, name string) error {
	files, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	defer func() { _ = files.Close() }()
	found, err := fs.Glob(files, "META-INF/resources/webjars/swagger-ui/*/"+name)
	if err != nil || len(found) != 1 {
		return fmt.Errorf("%s has no %s", archive, name)
	}
	content, err := fs.ReadFile(files, found[0])
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	w.Header().Set("Content-Type", contentTypes[filepath.Ext(name)])
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	return nil
}

// contentTypes are fixed here, because machines have different ones.
var contentTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
