// Package apitest is the test kit of the endpoint families. It runs an API over a loaded directory on DynamoDB Local and
// signs its requests.
package apitest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/auth"
	"postern/shared/contract"
	"postern/shared/directory"
	"postern/shared/httpapi"
	"postern/shared/store"
	"postern/shared/storetest"
)

//go:embed testdata/fixture.json
var fixture string

// Secret is the signing secret of the callers of a test API.
const Secret = "0123456789abcdef0123456789abcdef"

// TokenSecret is the secret for credentials of a test API.
const TokenSecret = "fedcba9876543210fedcba9876543210"

// AdminToken is the personal access token of the fixture's administrator. The document of Administrator loads it.
const AdminToken = "token-of-root"

// Administrator returns the document with the token of user 1 of the fixture.
func Administrator() []byte {
	return []byte(`{"personal_access_tokens":[{"id":1,"user_id":1,"name":"administration","scopes":["api"],"token":"` + AdminToken + `"}]}`)
}

// Deps are the dependencies of a family under test.
type Deps struct {
	Store  *store.Store
	Table  Table
	Shell  httpapi.Authenticator
	Admin  httpapi.Authenticator
	KAS    httpapi.Authenticator
	Tokens StaticKeys // keys for credentials
	Now    func() time.Time
	HTTP   httpapi.Options
	Log    *Log
}

// API is a served API with its dependencies.
type API struct {
	Deps
	URL string
}

// Fixture returns the directory document of the behavior cases. Its times are relative to now.
func Fixture() []byte {
	in2Days := time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339)
	return []byte(strings.ReplaceAll(fixture, "@now+2d", in2Days))
}

// NewDeps creates a table and loads the documents in order.
func NewDeps(t testing.TB, documents ...[]byte) Deps {
	t.Helper()
	client, table := storetest.Open(t)
	return load(t, client, table, documents)
}

// load loads the documents into an empty table and returns the dependencies of a family.
func load(t testing.TB, client *dynamodb.Client, table string, documents [][]byte) Deps {
	t.Helper()
	s := store.New(client, table, time.Now)
	log := &Log{}
	t.Cleanup(func() { log.check(t) })
	d := Deps{
		Store:  s,
		Table:  Table{Client: client, Name: table},
		Shell:  auth.NewShell(StaticKeys(Secret), time.Now),
		Admin:  auth.NewAdministrator(s, time.Now),
		KAS:    auth.NewKAS(StaticKeys(Secret), time.Now),
		Tokens: StaticKeys(TokenSecret),
		Now:    time.Now,
		Log:    log,
		HTTP: httpapi.Options{
			Logger:  slog.New(slog.NewJSONHandler(log, nil)),
			Metrics: "Postern/test",
			Now:     time.Now,
			Timeout: 29 * time.Second,
		},
	}
	for _, document := range documents {
		Apply(t, s, document)
	}
	return d
}

// Serve loads the documents into a new table and serves a family until the test ends.
func Serve(t testing.TB, mount func(Deps) http.Handler, documents ...[]byte) *API {
	t.Helper()
	return ServeDeps(t, NewDeps(t, documents...), mount)
}

// ServeDeps serves a family over existing dependencies. Requests and answers must match the OpenAPI document.
func ServeDeps(t testing.TB, d Deps, mount func(Deps) http.Handler) *API {
	t.Helper()
	server := httptest.NewServer(contract.Handler(t, mount(d)))
	t.Cleanup(server.Close)
	return &API{Deps: d, URL: server.URL}
}

// Apply loads a directory document. A mistake in it fails the test.
func Apply(t testing.TB, s *store.Store, document []byte) {
	t.Helper()
	result, err := directory.Load(t.Context(), s, document)
	if err != nil {
		t.Fatalf("load directory: %v", err)
	}
	for _, mistake := range result.Mistakes {
		t.Errorf("load directory: %s: %s", mistake.Place, mistake.Message)
	}
}

// Answer is a received response.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Object returns the body as a JSON object, nil for other bodies.
func (a *Answer) Object() map[string]any {
	var object map[string]any
	if json.Unmarshal([]byte(a.Body), &object) != nil {
		return nil
	}
	return object
}

// Message returns the message of a rejection.
func (a *Answer) Message() string {
	message, _ := a.Object()["message"].(string)
	return message
}

// Get sends a GET request with query parameters and a new token.
func (a *API) Get(t testing.TB, path string, query url.Values) *Answer {
	t.Helper()
	return a.Do(t, Request(t, http.MethodGet, a.URL+path+"?"+query.Encode(), nil))
}

// Post sends a JSON body with a new token.
func (a *API) Post(t testing.TB, path string, body any) *Answer {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatalf("encode request: %v", err)
	}
	return a.Do(t, Request(t, http.MethodPost, a.URL+path, bytes.NewReader(raw)))
}

// Request returns a signed request with the JSON content type of gitlab-shell.
func Request(t testing.TB, method, target string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, body)
	if err != nil {
		t.Fatalf("make request: %v", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Gitlab-Shell-Api-Request", Token(t))
	return r
}

// Do sends a request and reads the answer.
func (a *API) Do(t testing.TB, r *http.Request) *Answer {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("read answer: %v", err)
	}
	return &Answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}
}
