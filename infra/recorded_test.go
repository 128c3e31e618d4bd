package infra_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestRecordedRequestsAreAsTheDocumentSays: what the real clients were seen to send, it describes.
func TestRecordedRequestsAreAsTheDocumentSays(t *testing.T) {
	var recorded []struct {
		Name   string `json:"name"`
		Method string `json:"method"`
		Path   string `json:"path"`
		Body   any    `json:"body"`
	}
	parse(t, root("local/server/testdata/recorded.json"), &recorded)
	doc := document(t)
	var told []string
	for i := range recorded {
		r := &recorded[i]
		path := strings.TrimPrefix(r.Path, "/api/v4")
		item := doc.Paths.Value(path)
		if item == nil || r.Method != http.MethodPost {
			continue
		}
		told = append(told, path)
		body := item.Post.RequestBody.Value.Content["application/json"].Schema.Value
		if err := body.VisitJSON(r.Body); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
		object, _ := r.Body.(object)
		for name := range object {
			if body.Properties[name] == nil {
				t.Errorf("%s: %s is not described", r.Name, name)
			}
		}
	}
	if !slices.Contains(told, "/internal/allowed") {
		t.Errorf("nothing was recorded of /internal/allowed, but of %q", told)
	}
}
