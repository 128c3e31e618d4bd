package infra_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"postern/shared/contract"
)

func TestDocumentIsOfVersion31(t *testing.T) {
	if version := contract.Own(t).Spec.OpenAPI; !strings.HasPrefix(version, "3.1.") {
		t.Errorf("openapi is %s", version)
	}
}

func TestDocumentDescribesTheRoutes(t *testing.T) {
	var want, got []string
	for _, routes := range tables() {
		for i := range routes {
			path := strings.TrimSuffix(variable.ReplaceAllString(routes[i].Path, "/{$1}"), "/")
			want = append(want, routes[i].Method+" "+path)
		}
	}
	for _, o := range contract.Own(t).Operations() {
		got = append(got, o.Method+" "+strings.TrimSuffix(o.Path, "/"))
	}
	equal(t, "routes", got, want)
}

// TestDocumentNamesTheSpellings: a path is described below the servers where it is served, with /api/v4 and without.
func TestDocumentNamesTheSpellings(t *testing.T) {
	doc := contract.Own(t)
	for _, routes := range tables() {
		for i := range routes {
			path := strings.TrimSuffix(variable.ReplaceAllString(routes[i].Path, "/{$1}"), "/")
			item := cmp.Or(doc.Spec.Paths.Value(path), doc.Spec.Paths.Value(path+"/"))
			if item == nil {
				continue // TestDocumentDescribesTheRoutes says so
			}
			servers := item.Servers
			if len(servers) == 0 {
				servers = doc.Spec.Servers
			}
			var got []string
			for _, server := range servers {
				got = append(got, strings.TrimSuffix(server.URL, "/")+path)
			}
			equal(t, path, got, paths(routes[i:i+1]))
		}
	}
}

func TestDocumentAsksForATokenEverywhere(t *testing.T) {
	doc := contract.Own(t)
	for _, o := range doc.Operations() {
		security := doc.Spec.Security
		if o.Security != nil {
			security = *o.Security
		}
		if len(security) == 0 {
			t.Errorf("%s %s: no security", o.Method, o.Path)
		}
		for _, schemes := range security {
			if len(schemes) == 0 {
				t.Errorf("%s %s: anybody is let in", o.Method, o.Path)
			}
		}
		if o.Responses.Status(http.StatusUnauthorized) == nil {
			t.Errorf("%s %s: no 401", o.Method, o.Path)
		}
	}
}

// event is a request as a gateway hands it over, in the form of either, with the answer that is expected of it.
type event struct {
	Method  string `json:"httpMethod"`
	Path    string `json:"path"`
	RawPath string `json:"rawPath"`
	Context struct {
		HTTP struct {
			Method string `json:"method"`
		} `json:"http"`
	} `json:"requestContext"`
	answer struct {
		Status int `json:"status"`
	}
}

// events are all that come from a gateway.
func events(t *testing.T) []event {
	t.Helper()
	files, err := filepath.Glob(root("events/*/*.expected.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no events: %v", err)
	}
	var all []event
	for _, file := range files {
		var e event
		parse(t, file, &e.answer)
		parse(t, strings.TrimSuffix(file, ".expected.json")+".json", &e)
		e.Method, e.Path = cmp.Or(e.Method, e.Context.HTTP.Method), cmp.Or(e.Path, e.RawPath)
		if e.Method != "" {
			all = append(all, e)
		}
	}
	return all
}

func parse(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// without reports whether a path can have no success among the events: nobody is signed in by a SCIM token, and the id of a
// SCIM group is given out when it is made.
func without(path string) bool {
	return strings.HasSuffix(path, "/Me") || strings.HasSuffix(path, "/Groups/{id}")
}

// TestEveryOperationHasExamples: the path of each has at least one success and two refusals among the events. One that
// can refuse in one way only has that one and its wrong verb. That the events are as described is tested where they are
// sent.
func TestEveryOperationHasExamples(t *testing.T) {
	doc := contract.Own(t)
	seen := map[string]map[bool]int{}
	for _, e := range events(t) {
		path := doc.PathOf(e.Path)
		if seen[path] == nil {
			seen[path] = map[bool]int{}
		}
		seen[path][e.answer.Status < http.StatusMultipleChoices]++
	}
	for _, o := range doc.Operations() {
		if without(o.Path) {
			seen[o.Path][true]++
		}
		if seen[o.Path][true] < 1 || seen[o.Path][false] < 2 {
			t.Errorf("%s: %s successes, %s refusals", o.Path, strconv.Itoa(seen[o.Path][true]), strconv.Itoa(seen[o.Path][false]))
		}
	}
}
