package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Call is one signed request to a running system.
type Call struct {
	URL    string // base URL of the system
	Route  string // with or without /api/v4, with its query: internal/discover?key_id=7
	Method string // "": GET, or POST when there is Data
	Data   string // body: JSON when it starts with "{", else a form
	Header string // header that carries the token
	Token  string
	// PrivateToken is an additional personal access token, or "".
	PrivateToken string
	// AgentToken is an additional token of a Kubernetes agent, or "".
	AgentToken string
}

// Answer is the response.
type Answer struct {
	Status string // 200 OK
	Body   []byte
}

var errRoute = errors.New("ROUTE is missing: internal/check, for example")

// Do sends the request and returns the answer with any status. It follows no redirect.
func (c Call) Do(ctx context.Context) (Answer, error) {
	request, err := c.request(ctx)
	if err != nil {
		return Answer{}, err
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, fmt.Errorf("no running system at this address (start one with `make run`, or select one with PORT=): %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("read the answer: %w", err)
	}
	return Answer{Status: response.Status, Body: body}, nil
}

func (c Call) request(ctx context.Context) (*http.Request, error) {
	if c.Route == "" {
		return nil, errRoute
	}
	method := http.MethodGet
	if c.Data != "" {
		method = http.MethodPost
	}
	method = cmp.Or(strings.ToUpper(c.Method), method)
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path(c.Route), strings.NewReader(c.Data))
	if err != nil {
		return nil, fmt.Errorf("ROUTE=%s: %w", c.Route, err)
	}
	if c.Data != "" {
		request.Header.Set("Content-Type", contentType(c.Data))
	}
	request.Header.Set(c.Header, c.Token)
	if c.PrivateToken != "" {
		request.Header.Set("Private-Token", c.PrivateToken)
	}
	if c.AgentToken != "" {
		request.Header.Set("Gitlab-Agent-Api-Request", c.AgentToken)
	}
	return request, nil
}

// path completes a route. A route without a prefix of an API belongs to version 4.
func path(route string) string {
	route = "/" + strings.TrimLeft(route, "/")
	if strings.HasPrefix(route, "/api/") {
		return route
	}
	return "/api/v4" + route
}

func contentType(data string) string {
	if strings.HasPrefix(strings.TrimSpace(data), "{") {
		return "application/json"
	}
	return "application/x-www-form-urlencoded"
}
