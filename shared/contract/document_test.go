package contract_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/shared/contract"
)

// things is a small API with every feature that the real document uses.
const things = `
openapi: 3.1.1
info: {title: things, version: "1"}
servers: [{url: /api/v4}, {url: /}]
security: [{token: []}]
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z/]+$"}}]
    get:
      parameters: [{name: page, in: query, required: true, schema: {type: integer}}]
      responses:
        "200":
          description: One.
          headers: {X-Request-Id: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
        "404": {$ref: "#/components/responses/UnknownPath"}
    delete:
      security: [{basic: []}, {parameter: []}]
      responses: {"204": {description: Gone.}}
  /things/new:
    post:
      security: [{token: []}, {parameter: []}]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/Thing"}}
          application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Thing"}}
      responses: {"200": {description: Made., content: {application/scim+json: {schema: {$ref: "#/components/schemas/Thing"}}}}}
  /elsewhere:
    servers: [{url: /scim}]
    get: {responses: {"204": {description: Nothing.}}}
components:
  securitySchemes:
    token: {type: apiKey, in: header, name: Token}
    parameter: {type: apiKey, in: query, name: token}
    basic: {type: http, scheme: basic}
  schemas:
    Thing:
      type: object
      required: [name]
      additionalProperties: false
      properties: {name: {type: [string, "null"]}, token: {type: string}}
  responses:
    UnknownPath: {description: Unknown., content: {application/json: {schema: {type: object, required: [error]}}}}
    WrongVerb: {description: Wrong verb., content: {application/json: {schema: {type: object, required: [error]}}}}
`

func read(t *testing.T, text string) (*contract.Document, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "openapi.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return contract.Read(file)
}

func thingsDocument(t *testing.T) *contract.Document {
	t.Helper()
	d, err := read(t, things)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestReadRejectsInvalidDocument(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"malformed YAML", ": {", "read "},
		{"an unknown type", strings.Replace(things, "type: object", "type: thing", 1), "is not valid"},
		{"an unresolved reference", strings.ReplaceAll(things, "    Thing:", "    Other:"), "read "},
		{
			"an invalid example",
			strings.Replace(things, "{application/json: {schema", `{application/json: {example: {name: [1]}, schema`, 1), "is not valid",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := read(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestFindMatchesPath(t *testing.T) {
	d := thingsDocument(t)
	cases := []struct{ name, method, target, want string }{
		{"below the first server", "GET", "/api/v4/things/a", "/things/{id}"},
		{"below the second", "GET", "/things/a", "/things/{id}"},
		{"with a trailing slash", "GET", "/things/a/", "/things/{id}"},
		{"literal before variable", "POST", "/things/new", "/things/new"},
		{"an escaped slash in a variable", "GET", "/things/a%2Fb", "/things/{id}"},
		{"an escaped letter", "POST", "/things/n%65w", "/things/new"},
		{"below the path's own server", "GET", "/scim/elsewhere", "/elsewhere"},
		{"below another server", "GET", "/api/v4/elsewhere", ""},
		{"a variable without a value", "GET", "/things//", ""},
		{"a path too long", "GET", "/things/a/b", ""},
		{"an unknown method", "PUT", "/things/a", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, found := d.Find(httptest.NewRequest(c.method, c.target, http.NoBody))
			if found != (c.want != "") || got.Path != c.want {
				t.Errorf("got %q, want %q", got.Path, c.want)
			}
		})
	}
}

func TestOperationsAreSorted(t *testing.T) {
	var got []string
	for _, o := range thingsDocument(t).Operations() {
		got = append(got, o.Method+" "+o.Path)
	}
	if want := "GET /elsewhere, POST /things/new, DELETE /things/{id}, GET /things/{id}"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
