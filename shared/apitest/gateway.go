package apitest

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"postern/shared/contract"
	"postern/shared/lambdahttp"
)

// gatewayAnswer is the answer of a Lambda to the gateway.
type gatewayAnswer struct {
	Status int                 `json:"statusCode"`
	Header map[string][]string `json:"multiValueHeaders"`
	Body   string              `json:"body"`
}

// Invoke sends a request as a gateway event to a family's Lambda entry. Request and answer must match the OpenAPI
// document.
func Invoke(t testing.TB, h http.Handler, r *http.Request) *Answer {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("read request: %v", err)
	}
	event, err := json.Marshal(map[string]any{
		"path": r.URL.EscapedPath(), "httpMethod": r.Method, "multiValueHeaders": r.Header,
		"multiValueQueryStringParameters": r.URL.Query(), "body": string(body),
	})
	if err != nil {
		t.Fatalf("encode event: %v", err)
	}
	raw, err := lambdahttp.Entry(contract.Handler(t, h)).Invoke(r.Context(), event)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	var answer gatewayAnswer
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatalf("decode answer %s: %v", raw, err)
	}
	return &Answer{Status: answer.Status, Header: answer.Header, Body: answer.Body}
}
