package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/functions/gitaccess"
	"postern/functions/instance"
	"postern/functions/sshkeys"
	"postern/shared/apitest"
	"postern/shared/auth"
	"postern/shared/directory"
	"postern/shared/httpapi"
	"postern/shared/lambdahttp"
	"postern/shared/store"
)

// blob is the key 102 of the fixture.
const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIEOUoqVhRHhocfH9qs9uJC3Et83kX9jy0YvYlCdp6Yp5"

// route is one row of the table: a request, the function that answers it, and the floor under it.
type route struct {
	name  string
	goal  float64 // how many times the floor it may cost
	event []byte
	entry lambda.Handler
	floor lambda.Handler
}

// routes loads the fixture and returns the rows, each asked twice already so that it is warm.
func routes(ctx context.Context, api *recorder, client *dynamodb.Client, table string) ([]route, error) {
	s := store.New(api, table, time.Now)
	if _, err := directory.Load(ctx, s, apitest.Fixture()); err != nil {
		return nil, fmt.Errorf("load fixture: %w", err)
	}
	shell := auth.NewShell(apitest.StaticKeys(apitest.Secret), time.Now)
	options := httpapi.Options{Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), Now: time.Now, Timeout: 29 * time.Second}
	git := lambdahttp.Entry(gitaccess.New(gitaccess.Deps{Store: s, Shell: shell, Now: time.Now, HTTP: options}))
	keys := lambdahttp.Entry(sshkeys.New(sshkeys.Deps{Store: s, Shell: shell, HTTP: options}))
	about := lambdahttp.Entry(instance.New(instance.Deps{Store: s, Shell: shell, HTTP: options}))
	rows := []route{
		{name: "allowed, pull", goal: 1.5, entry: git, event: allowed("git-upload-pack", "acme/pub.git")},
		{name: "allowed, push", goal: 1.5, entry: git, event: allowed("git-receive-pack", "acme/app.git")},
		{name: "allowed, refused", goal: 1.5, entry: git, event: allowed("git-receive-pack", "acme/old.git")},
		{name: "authorized_keys", goal: 1.3, entry: keys, event: get("authorized_keys", "key", blob)},
		{name: "discover", goal: 1.3, entry: keys, event: get("discover", "key_id", "102")},
		{name: "check", goal: 1.3, entry: about, event: get("check", "", "")},
	}
	for i := range rows {
		for range 2 {
			if err := ask(ctx, rows[i].entry, rows[i].event); err != nil {
				return nil, fmt.Errorf("%s: %w", rows[i].name, err)
			}
		}
		rows[i].floor = newFloor(client, api)
	}
	return rows, nil
}

// ask invokes a function and checks that it answered.
func ask(ctx context.Context, h lambda.Handler, event []byte) error {
	raw, err := h.Invoke(ctx, event)
	if err != nil {
		return fmt.Errorf("invoke: %w", err)
	}
	var answer events.APIGatewayProxyResponse
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusUnauthorized {
		return fmt.Errorf("status %d: %s", answer.StatusCode, answer.Body)
	}
	return nil
}

func allowed(action, project string) []byte {
	body, err := json.Marshal(map[string]string{
		"action": action, "project": project, "changes": "_any", "protocol": "ssh", "key_id": "102", "check_ip": "203.0.113.9",
	})
	if err != nil {
		return nil // texts always encode
	}
	return event(http.MethodPost, "/api/v4/internal/allowed", nil, string(body))
}

func get(path, name, value string) []byte {
	query := map[string]string{}
	if name != "" {
		query[name] = value
	}
	return event(http.MethodGet, "/api/v4/internal/"+path, query, "")
}

// event is a request as the REST gateway passes it on, with the headers that gitlab-shell and the gateway set.
func event(method, path string, query map[string]string, body string) []byte {
	token, err := auth.Sign(auth.Shell, []byte(apitest.Secret), time.Now(), time.Hour)
	if err != nil {
		return nil // an HMAC of a given key always signs
	}
	headers := map[string]string{
		"Content-Type": "application/json", "User-Agent": "GitLab-Shell", "Gitlab-Shell-Api-Request": token,
		"X-Request-Id": "01HF0000000000000000000000", "Host": "internal.example.com", "X-Forwarded-Port": "443",
		"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9", "X-Amzn-Trace-Id": "Root=1-5e66d96f-7491f09xmpl79d18acf3d050",
	}
	many := make(map[string][]string, len(headers))
	for name, v := range headers {
		many[name] = []string{v}
	}
	manyQuery := make(map[string][]string, len(query))
	for name, v := range query {
		manyQuery[name] = []string{v}
	}
	raw, err := json.Marshal(events.APIGatewayProxyRequest{
		Resource: path, Path: path, HTTPMethod: method, Headers: headers, MultiValueHeaders: many,
		QueryStringParameters: query, MultiValueQueryStringParameters: manyQuery, Body: body,
		RequestContext: events.APIGatewayProxyRequestContext{
			AccountID: "123456789012", ResourceID: "abcdef", Stage: "Prod", RequestID: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
			APIID: "1234567890", ResourcePath: path, HTTPMethod: method, Protocol: "HTTP/1.1", Path: "/Prod" + path,
			Identity: events.APIGatewayRequestIdentity{SourceIP: "203.0.113.9", UserAgent: "GitLab-Shell"},
		},
	})
	if err != nil {
		return nil // plain data always encodes
	}
	return raw
}
