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

// A path stands below the servers that serve it, with /api/v4 and without.
func TestDocumentListsEverySpelling(t *testing.T) {
	doc := contract.Own(t)
	for _, routes := range tables() {
		for i := range routes {
			path := strings.TrimSuffix(variable.ReplaceAllString(routes[i].Path, "/{$1}"), "/")
			item := cmp.Or(doc.Spec.Paths.Value(path), doc.Spec.Paths.Value(path+"/"))
			if item == nil {
				continue // reported by TestDocumentDescribesTheRoutes
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

func TestOperationsRequireAToken(t *testing.T) {
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
				t.Errorf("%s %s: no credential is required", o.Method, o.Path)
			}
		}
		if o.Responses.Status(http.StatusUnauthorized) == nil {
			t.Errorf("%s %s: no 401", o.Method, o.Path)
		}
	}
}

// event is a request in the form of either gateway, with its expected answer.
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

// events are all events of a gateway.
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

// withoutSuccess reports whether the events of a path have no success. A SCIM token signs in no user, and the server chooses the id
// of a SCIM group.
func withoutSuccess(path string) bool {
	return strings.HasSuffix(path, "/Me") || strings.HasSuffix(path, "/Groups/{id}")
}

// Each operation has at least one success and two rejections among the events. An operation with one kind of rejection has that
// one and a wrong method. The tests in events/ compare the events with the document.
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
		if withoutSuccess(o.Path) {
			seen[o.Path][true]++
		}
		if seen[o.Path][true] < 1 || seen[o.Path][false] < 2 {
			t.Errorf("%s: %s successes, %s refusals", o.Path, strconv.Itoa(seen[o.Path][true]), strconv.Itoa(seen[o.Path][false]))
		}
	}
}
