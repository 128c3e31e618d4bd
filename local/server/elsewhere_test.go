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

// The behavior cases can run against another system, such as the functions in containers (make sam-test). apitest.URL has its
// address. Tests of the process itself still run here, and the last line counts them separately.

// secretsEndpoint is the variable with the other system's Secrets Manager.
const secretsEndpoint = "POSTERN_SECRETS"

// host is the variable with this machine's name for the other system, which calls a Gitaly of the tests.
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

// putSecrets creates the secrets that the functions need to start. gitlab-shell's has the form of its file, with a newline
// (case 11). kas's has the form that a stack generates.
func putSecrets() error {
	c := cloud.Reach(os.Getenv(storetest.Endpoint), os.Getenv(secretsEndpoint))
	defer c.Stop()
	return c.PutSecrets(context.Background(), apitest.Secret+"\n", apitest.Secret)
}

// tally counts the tests by system. It is a package variable because TestMain prints the sum.
var tally asks

// asks are the names of tests by system.
type asks struct {
	mu        sync.Mutex
	elsewhere []string
	inside    []string
}

// asked records the system of a test.
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

// leaves returns the tests without subtests, each once.
func leaves(names []string) []string {
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.ContainsFunc(names, func(other string) bool { return strings.HasPrefix(other, name+"/") })
	})
}

func TestTallyCountsEachCaseOnce(t *testing.T) {
	a := asks{elsewhere: []string{"A", "A/1", "A/2", "A/1", "B"}, inside: []string{"A/3"}}
	var out strings.Builder
	a.print(&out, "http://x")
	if want := "behavior: 3 cases asked at http://x, 1 inside the test's process\nbehavior: inside: A/3\n"; out.String() != want {
		t.Errorf("%s, want %s", &out, want)
	}
}
