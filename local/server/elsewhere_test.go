package server

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"postern/local/cloud"
	"postern/shared/apitest"
	"postern/shared/storetest"
)

// The behavior cases can be asked of a system elsewhere, such as the functions in containers (make sam-test):
// apitest.URL says where. What looks into the process is asked here all the same, and told apart in the last line.

// secretsEndpoint is the variable that names the Secrets Manager which functions elsewhere ask.
const secretsEndpoint = "POSTERN_SECRETS"

// host is the variable that names this machine for functions elsewhere, which ask a Gitaly of the tests.
const host = "POSTERN_HOST"

func TestMain(m *testing.M) {
	url := os.Getenv(apitest.URL)
	if url == "" {
		os.Exit(m.Run())
	}
	if err := putSecrets(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	tally.print(os.Stdout, url)
	os.Exit(status)
}

// putSecrets makes what the functions fetch before their first request: that of gitlab-shell as its file keeps it, with a
// newline (case 11), and that of kas as a stack generates it.
func putSecrets() error {
	c := cloud.Reach(os.Getenv(storetest.Endpoint), os.Getenv(secretsEndpoint))
	defer c.Stop()
	return c.PutSecrets(context.Background(), apitest.Secret+"\n", apitest.Secret)
}

// tally is where each test was asked. It is shared by all tests, because only the end of them knows the sum.
var tally asks

// asks are names of tests.
type asks struct {
	mu        sync.Mutex
	elsewhere []string
	inside    []string
}

// asked notes where a test is asked.
func (a *asks) asked(t *testing.T, api *apitest.API) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if api.URL == os.Getenv(apitest.URL) {
		a.elsewhere = append(a.elsewhere, t.Name())
		return
	}
	a.inside = append(a.inside, t.Name())
}

func (a *asks) print(w io.Writer, url string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	inside := leaves(a.inside)
	_, _ = fmt.Fprintf(w, "behavior: %d cases asked at %s, %d inside the test's process\n", len(leaves(a.elsewhere)), url, len(inside))
	for _, name := range inside {
		_, _ = fmt.Fprintf(w, "behavior: inside: %s\n", name)
	}
}

// leaves returns the tests that have no tests below them, each once.
func leaves(names []string) []string {
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.ContainsFunc(names, func(other string) bool { return strings.HasPrefix(other, name+"/") })
	})
}

func TestTheTallyCountsCasesOnce(t *testing.T) {
	a := asks{elsewhere: []string{"A", "A/1", "A/2", "A/1", "B"}, inside: []string{"A/3"}}
	var out strings.Builder
	a.print(&out, "http://x")
	if want := "behavior: 3 cases asked at http://x, 1 inside the test's process\nbehavior: inside: A/3\n"; out.String() != want {
		t.Errorf("%s, want %s", &out, want)
	}
}
