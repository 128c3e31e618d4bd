package infra_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentDescribesTheRoutes(t *testing.T) {
	doc := document(t)
	var want, got []string
	for _, routes := range tables() {
		for i := range routes {
			want = append(want, routes[i].Method+" "+routes[i].Path)
		}
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			got = append(got, method+" "+path)
		}
	}
	equal(t, "routes", got, want)
}

// TestDocumentNamesBothSpellings: every route is there with /api/v4 and without.
func TestDocumentNamesBothSpellings(t *testing.T) {
	var servers []string
	for _, server := range document(t).Servers {
		servers = append(servers, server.URL)
	}
	equal(t, "servers", servers, []string{"/api/v4", "/"})
}

func TestDocumentAsksForATokenEverywhere(t *testing.T) {
	doc := document(t)
	if len(doc.Security) != 1 || doc.Security[0]["shell"] == nil {
		t.Errorf("security is %v", doc.Security)
	}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.Security != nil {
				t.Errorf("%s %s has a security of its own", method, path)
			}
			if operation.Responses.Status(http.StatusUnauthorized) == nil {
				t.Errorf("%s %s: no 401", method, path)
			}
		}
	}
}

// example is an event with the answer that is expected of it.
type example struct {
	Method string            `json:"httpMethod"`
	Path   string            `json:"path"`
	Header map[string]string `json:"headers"`
	Body   string            `json:"body"`
	answer struct {
		Status int `json:"status"`
		Body   any `json:"body"`
	}
}

func examples(t *testing.T) map[string]example {
	t.Helper()
	files, err := filepath.Glob(root("events/*/*.expected.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no events: %v", err)
	}
	all := map[string]example{}
	for _, file := range files {
		var e example
		parse(t, file, &e.answer)
		parse(t, strings.TrimSuffix(file, ".expected.json")+".json", &e)
		if e.Method != "" {
			all[filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file)] = e
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

// operation finds the operation that an event is for; nil when the document describes none.
func operation(doc *openapi3.T, e *example) *openapi3.Operation {
	path := strings.TrimSuffix(strings.TrimPrefix(e.Path, "/api/v4"), "/")
	if item := doc.Paths.Value(path); item != nil {
		return item.GetOperation(e.Method)
	}
	return nil
}

func TestEventsAreAsTheDocumentSays(t *testing.T) {
	doc := document(t)
	outside := []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone}
	for name, e := range examples(t) {
		t.Run(name, func(t *testing.T) {
			op := operation(doc, &e)
			if op == nil {
				if !slices.Contains(outside, e.answer.Status) {
					t.Errorf("%s %s is not described, and answers %d", e.Method, e.Path, e.answer.Status)
				}
				return
			}
			response := op.Responses.Status(e.answer.Status)
			if response == nil {
				t.Fatalf("%d is not described", e.answer.Status)
			}
			if err := response.Value.Content["application/json"].Schema.Value.VisitJSON(e.answer.Body); err != nil {
				t.Errorf("answer: %v", err)
			}
			if e.answer.Status == http.StatusOK && e.Header["Content-Type"] == "application/json" && e.Body != "" {
				fitsRequest(t, op, e.Body)
			}
		})
	}
}

func fitsRequest(t *testing.T, op *openapi3.Operation, raw string) {
	t.Helper()
	var body any
	if err := json.Unmarshal([]byte(raw), &body); err != nil {
		t.Fatal(err)
	}
	if err := op.RequestBody.Value.Content["application/json"].Schema.Value.VisitJSON(body); err != nil {
		t.Errorf("request: %v", err)
	}
}

// TestEveryOperationHasExamples: each has at least one success and two refusals among the events. An operation that
// can refuse in one way only has that one and its wrong verb.
func TestEveryOperationHasExamples(t *testing.T) {
	doc := document(t)
	seen := map[string]map[bool]int{}
	for _, e := range examples(t) {
		path := strings.TrimSuffix(strings.TrimPrefix(e.Path, "/api/v4"), "/")
		if seen[path] == nil {
			seen[path] = map[bool]int{}
		}
		seen[path][e.answer.Status == http.StatusOK]++
	}
	for path := range doc.Paths.Map() {
		if seen[path][true] < 1 || seen[path][false] < 2 {
			t.Errorf("%s: %s successes, %s refusals", path, strconv.Itoa(seen[path][true]), strconv.Itoa(seen[path][false]))
		}
	}
}
