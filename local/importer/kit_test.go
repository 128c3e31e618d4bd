package importer_test

import (
	"cmp"
	"context"
	"crypto/ed25519"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"postern/local/importer"
)

//go:embed testdata/gitlab.json
var fixture string

const token = "glpat-of-an-administrator"

// gitlab answers like GitLab's REST API: with pages of two items, by keyset on request and otherwise by number.
type gitlab struct {
	t   *testing.T
	url string

	mu        sync.Mutex
	resources map[string]any // by path: an object or a list
	asked     []string       // paths of the answered requests
	// fault may answer in place of GitLab, and reports whether it did. n is the number of earlier requests.
	fault func(n int, w http.ResponseWriter, r *http.Request) bool
	seen  int
	slept time.Duration
	clock time.Time
}

// pageLength is the longest page, for any requested length.
const pageLength = 2

func start(t *testing.T) *gitlab {
	t.Helper()
	text := fixture
	for n := byte(1); n < 10; n++ {
		text = strings.ReplaceAll(text, fmt.Sprintf("@key%d@", n), publicKey(t, n))
	}
	g := &gitlab{t: t, clock: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	if err := json.Unmarshal([]byte(text), &g.resources); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

func publicKey(t *testing.T, n byte) string {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	key, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(seed).Public())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

func (g *gitlab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen++
	if r.Method != http.MethodGet || r.Header.Get("PRIVATE-TOKEN") != token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if g.fault != nil && g.fault(g.seen-1, w, r) {
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/v4/")
	g.asked = append(g.asked, path)
	answer := g.resources[path]
	if list, ok := answer.([]any); ok {
		answer = g.page(w, r, list)
	}
	if answer == nil {
		http.Error(w, `{"message":"404 Not found"}`, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// page returns a page of a list and sends the link to the next one.
func (g *gitlab) page(w http.ResponseWriter, r *http.Request, list []any) []any {
	query := r.URL.Query()
	var from int
	if query.Get("pagination") == "keyset" {
		after, _ := strconv.Atoi(query.Get("id_after"))
		from = slices.IndexFunc(list, func(v any) bool { return idOf(v) > after })
		if from < 0 {
			return []any{}
		}
	} else {
		number, _ := strconv.Atoi(cmp.Or(query.Get("page"), "1"))
		from = min((number-1)*pageLength, len(list))
		if from+pageLength < len(list) {
			w.Header().Set("X-Next-Page", strconv.Itoa(number+1))
		}
	}
	page := list[from:min(from+pageLength, len(list))]
	if query.Get("pagination") == "keyset" && from+pageLength < len(list) {
		query.Set("id_after", strconv.Itoa(idOf(page[len(page)-1])))
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, g.url, r.URL.Path, query.Encode()))
	}
	return page
}

func idOf(v any) int {
	id, _ := v.(map[string]any)["id"].(float64)
	return int(id)
}

// into is an import of this GitLab. Its clock moves only while it sleeps.
func (g *gitlab) into(file string) importer.Import {
	return importer.Import{
		URL: g.url, Token: token, File: file, Workers: 2,
		Progress: func(format string, args ...any) { g.t.Logf(format, args...) },
		Now: func() time.Time {
			g.mu.Lock()
			defer g.mu.Unlock()
			return g.clock
		},
		Sleep: func(ctx context.Context, d time.Duration) error {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.slept += d
			g.clock = g.clock.Add(d)
			return ctx.Err()
		},
	}
}

// imported imports into a new file and returns the document.
func (g *gitlab) imported() string {
	g.t.Helper()
	file := filepath.Join(g.t.TempDir(), "directory.json")
	if _, err := g.into(file).Do(g.t.Context()); err != nil {
		g.t.Fatal(err)
	}
	return read(g.t, file)
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// records returns the records of a document as JSON, in an order independent of the requests' order.
func records(t *testing.T, document string) map[string][]string {
	t.Helper()
	var arrays map[string][]json.RawMessage
	if err := json.Unmarshal([]byte(document), &arrays); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	sorted := map[string][]string{}
	for array, list := range arrays {
		for _, record := range list {
			sorted[array] = append(sorted[array], string(record))
		}
		slices.Sort(sorted[array])
	}
	return sorted
}
