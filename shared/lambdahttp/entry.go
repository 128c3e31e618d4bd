package lambdahttp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"postern/shared/httpapi"
)

// entry is a handler behind the adapters for both forms of events.
type entry struct {
	rest, refuseRest *httpadapter.HandlerAdapter
	web, refuseWeb   *httpadapter.HandlerAdapterV2
}

// Entry returns a handler as the Lambda that the gateway invokes: the bytes of an event of a REST API (or of an HTTP
// API, format 2.0) in, the bytes of the answer out. The deadline of the Lambda's context is the request's. Whatever
// goes wrong, an event that makes no request, a handler that panics or answers nothing, becomes an answer of the API.
func Entry(h http.Handler) lambda.Handler {
	safe := guard{next: h}
	malformed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpapi.Refuse(h, w, r, httpapi.BadRequest(""))
	})
	return &entry{
		rest: httpadapter.New(safe), refuseRest: httpadapter.New(malformed),
		web: httpadapter.NewV2(safe), refuseWeb: httpadapter.NewV2(malformed),
	}
}

// Invoke answers one event.
func (e *entry) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event restEvent
	err := json.Unmarshal(payload, &event)
	if err == nil && event.Version == formatWeb {
		return e.invokeWeb(ctx, payload)
	}
	adapter := e.rest
	request, invalid := event.request()
	if err != nil || invalid != nil {
		adapter, request = e.refuseRest, event.envelope()
	}
	answer, err := adapter.ProxyWithContext(ctx, request)
	return encode(answer, err)
}

// invokeWeb answers one event of an HTTP API. It decodes the event once more, as the two forms have little in common
// and the one of the REST API is the busy one.
func (e *entry) invokeWeb(ctx context.Context, payload []byte) ([]byte, error) {
	var event webEvent
	err := json.Unmarshal(payload, &event)
	adapter := e.web
	request, invalid := event.request()
	if err != nil || invalid != nil {
		adapter, request = e.refuseWeb, event.envelope()
	}
	answer, err := adapter.ProxyWithContext(ctx, request)
	return encode(answer, err)
}

// encode writes what the gateway gets. An error here is one of the process and not of a request.
func encode(answer any, err error) ([]byte, error) {
	raw, encodeErr := json.Marshal(answer)
	if err = errors.Join(err, encodeErr); err != nil {
		return nil, fmt.Errorf("lambdahttp: answer event: %w", err)
	}
	return raw, nil
}
