package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/aws/aws-lambda-go/lambda"
)

// turn is the placeholder of the request's number in an event. It makes each request a new one.
const turn = "{{turn}}"

// counting gives each request a number.
type counting struct {
	lambda.Handler
	n int
}

// numbered returns a function that replaces turn in its events.
func numbered(h lambda.Handler) lambda.Handler { return &counting{Handler: h} }

func (c *counting) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	c.n++
	event = bytes.ReplaceAll(event, []byte(turn), []byte(strconv.Itoa(c.n)))
	return c.Handler.Invoke(ctx, event) //nolint:wrapcheck // the function's error
}

// both answers a pair of events: the beginning and the end of a push.
type both struct{ lambda.Handler }

// Invoke answers both events and returns the second answer.
func (b both) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	if _, err := b.Handler.Invoke(ctx, bytes.ReplaceAll(event, []byte("post_receive"), []byte("pre_receive"))); err != nil {
		return nil, err //nolint:wrapcheck // the function's error
	}
	return b.Handler.Invoke(ctx, event) //nolint:wrapcheck // the function's error
}

// hooked is a request of one of Gitaly's hooks.
func hooked(route, changes string) []byte {
	body, err := json.Marshal(map[string]any{
		"gl_repository": "project-7", "identifier": "key-102", "changes": changes, "push_options": nil,
	})
	if err != nil {
		return nil // plain data always encodes
	}
	raw := event(http.MethodPost, "/api/v4/internal/"+route, nil, string(body))
	return bytes.ReplaceAll(raw, []byte(requestID), []byte("push-"+turn))
}
