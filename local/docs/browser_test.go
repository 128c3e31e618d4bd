//go:build browser

package docs_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/local/docs"
	"postern/shared/contract"
)

// sight is a browser's view of a page.
type sight struct {
	dom     string   // when the page is idle
	asked   []string // URLs of the page and its requests
	console string   // console
}

// look loads a page in headless Chromium. Only the loopback address resolves, so neither the page nor the browser reaches other
// machines.
func look(t *testing.T, page string) sight {
	t.Helper()
	dir := t.TempDir()
	netlog := filepath.Join(dir, "net.json")
	var console strings.Builder
	cmd := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--user-data-dir="+dir+"/profile",
		"--no-first-run", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
		"--log-net-log="+netlog, "--enable-logging=stderr", "--virtual-time-budget=30000", "--dump-dom", page)
	cmd.Stderr = &console
	dom, err := cmd.Output()
	if err != nil {
		t.Fatalf("Chromium (Debian: apt-get install chromium): %v\n%s", err, &console)
	}
	return sight{html.UnescapeString(string(dom)), asked(t, netlog, page), console.String()}
}

// asked parses Chromium's log of the network. The browser's own requests have no initiator.
func asked(t *testing.T, netlog, page string) []string {
	t.Helper()
	raw, err := os.ReadFile(netlog)
	if err != nil {
		t.Fatal(err)
	}
	var log struct {
		Events []struct {
			Params struct{ URL, Initiator string }
		}
	}
	if err := json.Unmarshal(raw, &log); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range log.Events {
		if strings.HasPrefix(e.Params.Initiator, "http") || e.Params.URL == page {
			all = append(all, e.Params.URL)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestBrowserShowsTheDocument(t *testing.T) {
	server := httptest.NewServer(docs.Handler{Root: "../..", Next: http.NotFoundHandler()})
	defer server.Close()
	seen := look(t, server.URL+"/docs")
	for _, o := range contract.Own(t).Operations() {
		for _, text := range []string{`data-path="` + o.Path + `"`, o.Summary} {
			if !strings.Contains(seen.dom, text) {
				t.Errorf("%s %s: the page lacks %s", o.Method, o.Path, text)
			}
		}
	}
	if len(seen.asked) < 5 {
		t.Errorf("the page requested %q", seen.asked)
	}
	for _, target := range seen.asked {
		if u, err := url.Parse(target); err != nil || "http://"+u.Host != server.URL {
			t.Errorf("the page requested %s (%v)", target, err)
		}
	}
	if strings.Contains(seen.console, "Content Security Policy") {
		t.Errorf("the page tried a request to another host:\n%s", seen.console)
	}
}

// The check of the test above finds a request to another host and a violated policy.
func TestBrowserFindsForeignRequests(t *testing.T) {
	cases := map[string]string{"": "http://elsewhere.example/x.js", "default-src 'self'": ""}
	for policy, want := range cases {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Security-Policy", policy)
			_, _ = w.Write([]byte(`<script src="http://elsewhere.example/x.js"></script>`))
		}))
		seen := look(t, server.URL+"/")
		server.Close()
		if slices.Contains(seen.asked, want) != (want != "") || strings.Contains(seen.console, "Content Security Policy") != (policy != "") {
			t.Errorf("policy %q: requests %q, console\n%s", policy, seen.asked, seen.console)
		}
	}
}
