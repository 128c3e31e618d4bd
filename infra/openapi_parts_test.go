package infra_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"postern/shared/contract"
)

// Required parameters, JSON bodies and answers with a JSON body have examples.
func TestOperationsHaveExamples(t *testing.T) {
	doc := contract.Own(t)
	for _, o := range doc.Operations() {
		for _, p := range slices.Concat(doc.Spec.Paths.Value(o.Path).Parameters, o.Parameters) {
			if p.Value.Required && p.Value.Example == nil && len(p.Value.Examples) == 0 {
				t.Errorf("%s %s: no example of %s", o.Method, o.Path, p.Value.Name)
			}
		}
		if o.RequestBody != nil && !hasExample(o.RequestBody.Value.Content) {
			t.Errorf("%s %s: no example of a body", o.Method, o.Path)
		}
		for status, response := range o.Responses.Map() {
			if len(response.Value.Content) > 0 && !hasExample(response.Value.Content) {
				t.Errorf("%s %s: no example of %s", o.Method, o.Path, status)
			}
		}
	}
}

// hasExample reports whether one of the media types has an example. All hold the same values.
func hasExample(content openapi3.Content) bool {
	for _, media := range content {
		if media.Example != nil || len(media.Examples) > 0 {
			return true
		}
	}
	return false
}

// The request id is an optional header of every request, and a header of every answer.
func TestOperationsDescribeTheRequestID(t *testing.T) {
	const header = "X-Request-Id"
	doc := contract.Own(t)
	for _, o := range doc.Operations() {
		parameters := slices.Concat(doc.Spec.Paths.Value(o.Path).Parameters, o.Parameters)
		if parameters.GetByInAndName(openapi3.ParameterInHeader, header) == nil {
			t.Errorf("%s %s: no parameter %s", o.Method, o.Path, header)
		}
		for status, response := range o.Responses.Map() {
			if h := response.Value.Headers[header]; h == nil || !h.Value.Required {
				t.Errorf("%s %s: no header %s with %s", o.Method, o.Path, header, status)
			}
		}
	}
}

// The answers to failures before a handler and to failures of any handler.
func TestOperationsHaveTheCommonAnswers(t *testing.T) {
	for _, o := range contract.Own(t).Operations() {
		want := []int{http.StatusUnauthorized, http.StatusInternalServerError}
		if o.RequestBody != nil {
			want = append(want, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
		}
		for _, status := range want {
			if o.Responses.Status(status) == nil {
				t.Errorf("%s %s: no %d", o.Method, o.Path, status)
			}
		}
	}
}
