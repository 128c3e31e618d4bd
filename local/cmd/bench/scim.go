package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// provider is a document with a group of an identity provider.
const provider = `{"users": [
    {"id": 9001, "username": "bench-ada", "name": "Ada", "email": "bench-ada@example.com"},
    {"id": 9002, "username": "bench-bob", "name": "Bob", "email": "bench-bob@example.com"}],
  "namespaces": [{"id": 9000, "kind": "group", "path": "bench-scim", "saml_sso_url": "https://idp.example.com"}],
  "scim_tokens": [{"namespace_id": 9000, "token": "scim-bench"}],
  "scim_identities": [
    {"namespace_id": 9000, "extern_uid": "u-ada", "user_id": 9001},
    {"namespace_id": 9000, "extern_uid": "u-bob", "user_id": 9002}]}`

// created is the body of a creation of a new user.
const created = `{"externalId":"u-` + turn + `","userName":"bench-` + turn + `","name":{"formatted":"New"},` +
	`"emails":[{"type":"work","primary":true,"value":"bench-` + turn + `@example.com"}]}`

// state is the placeholder of an identity's state, and switched is the body with it.
const (
	state    = "{{state}}"
	switched = `{"Operations":[{"op":"replace","path":"active","value":"` + state + `"}]}`
)

// ofProviders are the rows of requests of a group's identity provider.
func (e *functions) ofProviders() []route {
	named := map[string]string{"filter": `userName eq "bench-ada"`}
	return []route{
		{name: "SCIM, get", entry: e.groups, event: scim(http.MethodGet, "/u-ada", nil, "")},
		{name: "SCIM, filter userName", entry: e.groups, event: scim(http.MethodGet, "", named, "")},
		{name: "SCIM, create", entry: numbered(e.groups), event: scim(http.MethodPost, "", nil, created)},
		{name: "SCIM, patch active", entry: &switching{Handler: e.groups}, event: scim(http.MethodPatch, "/u-bob", nil, switched)},
		{name: "SCIM, list of 20", entry: e.groups, event: scim(http.MethodGet, "", map[string]string{"count": "20"}, "")},
	}
}

// scim is a request of the identity provider, below the users of its group.
func scim(method, route string, query map[string]string, body string) []byte {
	var e events.APIGatewayProxyRequest
	if err := json.Unmarshal(event(method, "/api/scim/v2/groups/bench-scim/Users"+route, query, body), &e); err != nil {
		return nil // an encoded event decodes
	}
	for name, value := range map[string]string{"Authorization": "Bearer scim-bench"} {
		e.Headers[name], e.MultiValueHeaders[name] = value, []string{value}
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return nil // plain data always encodes
	}
	return raw
}

// switching deactivates and activates an identity in turn, so each request is a change.
type switching struct {
	lambda.Handler
	on bool
}

func (s *switching) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	to := strconv.FormatBool(s.on)
	s.on = !s.on
	return s.Handler.Invoke(ctx, bytes.ReplaceAll(event, []byte(state), []byte(to))) //nolint:wrapcheck // the function's own error
}
