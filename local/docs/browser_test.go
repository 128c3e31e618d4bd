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

// sight is what a browser made of a page.
type sight struct {
	dom   string   // when the page had nothing more to do
	asked []string // URLs that the page has asked for, and its own
	said  string   // console
}

// look loads a page in headless Chromium. No name but the loopback address is resolved, so that nothing leaves the machine
// whatever the page, or the browser on its own account, asks for.
func look(t *testing.T, page string) sight {
	t.Helper()
	dir := t.TempDir()
	netlog := filepath.Join(dir, "net.json")
	var said strings.Builder
	cmd := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--user-data-dir="+dir+"/profile",
		"--no-first-run", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
		"--log-net-log="+netlog, "--enable-logging=stderr", "--virtual-time-budget=30000", "--dump-dom", page)
	cmd.Stderr = &said
	dom, err := cmd.Output()
	if err != nil {
		t.Fatalf("Chromium (Debian: apt-get install chromium): %v\n%s", err, &said)
	}
	return sight{html.UnescapeString(string(dom)), asked(t, netlog, page), said.String()}
}

// asked reads Chromium's log of the network. What the browser asks for on its own account has no initiator.
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
				t.Errorf("%s %s: %s is not shown", o.Method, o.Path, text)
			}
		}
	}
	if len(seen.asked) < 5 {
		t.Errorf("the page has asked for %q", seen.asked)
	}
	for _, target := range seen.asked {
		if u, err := url.Parse(target); err != nil || "http://"+u.Host != server.URL {
			t.Errorf("the page has asked for %s (%v)", target, err)
		}
	}
	if strings.Contains(seen.said, "Content Security Policy") {
		t.Errorf("the page wanted to ask somebody else:\n%s", seen.said)
	}
}

// TestBrowserTellsOfOthers: what the test above looks for is seen where it is.
func TestBrowserTellsOfOthers(t *testing.T) {
	cases := map[string]string{"": "http://elsewhere.example/x.js", "default-src 'self'": ""}
	for policy, want := range cases {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Security-Policy", policy)
			_, _ = w.Write([]byte(`<script src="http://elsewhere.example/x.js"></script>`))
		}))
		seen := look(t, server.URL+"/")
		server.Close()
		if slices.Contains(seen.asked, want) != (want != "") || strings.Contains(seen.said, "Content Security Policy") != (policy != "") {
			t.Errorf("policy %q: asked for %q, and said\n%s", policy, seen.asked, seen.said)
		}
	}
}
