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

// entry is a handler behind the adapter, and one that refuses what makes no request.
type entry struct {
	serve, refuse *httpadapter.HandlerAdapter
}

// Entry returns a handler as the Lambda that the gateway invokes: the bytes of a REST API's event in, the bytes of the
// answer out. The deadline of the Lambda's context is the request's. Whatever
// goes wrong, an event that makes no request, a handler that panics or answers nothing, becomes an answer of the API.
func Entry(h http.Handler) lambda.Handler {
	safe := guard{next: h}
	malformed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpapi.Refuse(h, w, r, httpapi.BadRequest(""))
	})
	return &entry{serve: httpadapter.New(safe), refuse: httpadapter.New(malformed)}
}

// Invoke answers one event. Whatever a request is answered, a 500 included, is no error: that is for a process which cannot
// go on.
func (e *entry) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event gatewayEvent
	err := json.Unmarshal(payload, &event)
	adapter := e.serve
	request, invalid := event.request()
	if err != nil || invalid != nil {
		adapter, request = e.refuse, event.envelope()
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
