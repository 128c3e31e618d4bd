package infra_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"postern/shared/contract"
)

// The document has every parameter that the real clients sent. The tests that replay the requests check their form.
func TestRecordedRequestsAreDescribed(t *testing.T) {
	var recorded []struct {
		Name   string      `json:"name"`
		Method string      `json:"method"`
		Path   string      `json:"path"`
		Query  [][2]string `json:"query"`
		Body   object      `json:"body"`
	}
	parse(t, root("local/server/testdata/recorded.json"), &recorded)
	if len(recorded) == 0 {
		t.Fatal("nothing was recorded")
	}
	doc := contract.Own(t)
	for i := range recorded {
		r := &recorded[i]
		operation, there := doc.Find(httptest.NewRequest(r.Method, r.Path, http.NoBody))
		if !there {
			t.Errorf("%s: %s %s is not described", r.Name, r.Method, r.Path)
			continue
		}
		described := parameters(&operation)
		for _, pair := range r.Query {
			if !described[pair[0]] {
				t.Errorf("%s: %s is not described", r.Name, pair[0])
			}
		}
		for name := range r.Body {
			if !described[name] {
				t.Errorf("%s: %s is not described", r.Name, name)
			}
		}
	}
}

// parameters returns the names of an operation's parameters, in the query and in a JSON body.
func parameters(o *contract.Operation) map[string]bool {
	names := map[string]bool{}
	for _, p := range o.Parameters {
		names[p.Value.Name] = true
	}
	if o.RequestBody == nil {
		return names
	}
	for name := range o.RequestBody.Value.Content["application/json"].Schema.Value.Properties {
		names[name] = true
	}
	return names
}
