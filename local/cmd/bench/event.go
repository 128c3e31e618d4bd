package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"postern/shared/apitest"
	"postern/shared/auth"
)

func allowed(action, project string) []byte {
	return post("allowed", map[string]string{
		"action": action, "project": project, "changes": "_any", "protocol": "ssh", "key_id": "102", "check_ip": "203.0.113.9",
	})
}

func post(path string, parameters map[string]string) []byte {
	body, err := json.Marshal(parameters)
	if err != nil {
		return nil // strings always encode
	}
	return event(http.MethodPost, "/api/v4/internal/"+path, nil, string(body))
}

func pushed(key, changes string) []byte {
	body, err := json.Marshal(map[string]string{
		"action": "git-receive-pack", "gl_repository": "project-7", "project": "/srv/git/x.git", "changes": changes,
		"protocol": "ssh", "env": "{}", "key_id": key,
	})
	if err != nil {
		return nil // strings always encode
	}
	return event(http.MethodPost, "/api/v4/internal/allowed", nil, string(body))
}

// branches are changes of n unprotected branches.
func (h *history) branches(n int) string {
	var lines strings.Builder
	for i := range n {
		lines.WriteString(h.update(fmt.Sprintf("team/feature-%d", i)))
	}
	return lines.String()
}

// update is the change of a branch from the first to the next commit.
func (h *history) update(branch string) string {
	return fmt.Sprintf("%s %s refs/heads/%s\n", h.first, h.next, branch)
}

func get(path, name, value string) []byte {
	query := map[string]string{}
	if name != "" {
		query[name] = value
	}
	return event(http.MethodGet, "/api/v4/internal/"+path, query, "")
}

// administrators is a document with an administrator's token and an exclusion to list.
const administrators = `{"personal_access_tokens": [{"id": 1, "user_id": 1, "name": "n", "scopes": ["api"], "token": "glpat-bench"}],
  "storage_limit_exclusions": [{"namespace_id": 20, "reason": "big"}]}`

// excluded is an administrator's request for the first page of the exclusions.
func excluded() []byte {
	return event(http.MethodGet, "/api/v4/namespaces/storage/limit_exclusions", map[string]string{"private_token": "glpat-bench"}, "")
}

// requestID is the request id of all requests.
const requestID = "01HF0000000000000000000000"

// event is a request in the form of the REST gateway, with the headers of gitlab-shell and the gateway.
func event(method, path string, query map[string]string, body string) []byte {
	token, err := auth.Sign(auth.Shell, []byte(apitest.Secret), time.Now(), time.Hour)
	if err != nil {
		return nil // an HMAC of a given key always signs
	}
	headers := map[string]string{
		"Content-Type": "application/json", "User-Agent": "GitLab-Shell", "Gitlab-Shell-Api-Request": token,
		"X-Request-Id": requestID, "Host": "internal.example.com", "X-Forwarded-Port": "443",
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
