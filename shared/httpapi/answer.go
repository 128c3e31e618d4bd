package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"postern/shared/requestlog"
)

// The values of headers that every answer has; they are shared by all answers and must not be changed.
var (
	jsonType   = []string{"application/json"}
	noSniff    = []string{"nosniff"}
	sameOrigin = []string{"SAMEORIGIN"}
)

// run calls what answers the request and encodes its answer, an error or a panic, into out. Nothing has been sent
// before it returns, so an answer is never half of one and half of another.
func run(
	ctx context.Context, dialect Dialect, out *bytes.Buffer, answer func(context.Context) (Response, error),
) (status int, header http.Header) {
	defer func() {
		if cause := recover(); cause != nil {
			err := fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
			status, header = fail(ctx, dialect, out, err)
		}
	}()
	response, err := answer(ctx)
	if err == nil {
		err = encode(out, response.Body)
	}
	if err != nil {
		return fail(ctx, dialect, out, err)
	}
	if response.Status == 0 {
		response.Status = http.StatusOK
	}
	return response.Status, response.Header
}

// fail encodes the answer to an error and tells the log what was behind it.
func fail(ctx context.Context, dialect Dialect, out *bytes.Buffer, err error) (int, http.Header) {
	requestlog.From(ctx).SetCause(err)
	response := classify(err).response(dialect)
	out.Reset()
	if err := encode(out, response.Body); err != nil { // bodies of errors are maps of texts
		out.Reset()
	}
	return response.Status, response.Header
}

// encode writes a value as JSON without escaping for HTML: messages have quotes and angle brackets, and clients
// compare them.
func encode(out *bytes.Buffer, body any) error {
	if body == nil {
		return nil
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	out.Truncate(out.Len() - 1) // the encoder's line feed
	return nil
}

// writeHeader sets the headers of an answer. Maps are written directly, with names in canonical form, because this is
// on the way of every request; the two values that differ share one array.
func writeHeader(to, extra http.Header, id string, took time.Duration) {
	to["Content-Type"] = jsonType
	to["X-Content-Type-Options"] = noSniff
	to["X-Frame-Options"] = sameOrigin
	both := [...]string{id, strconv.FormatFloat(took.Seconds(), 'f', 6, 64)}
	to["X-Request-Id"] = both[:1:1]
	to["X-Runtime"] = both[1:]
	for name, values := range extra {
		to[http.CanonicalHeaderKey(name)] = values
	}
}

// write sends an answer. A caller who is gone cannot be told, so errors of the connection are not looked at.
func write(w http.ResponseWriter, status int, body []byte) {
	if len(body) == 0 {
		w.Header().Del("Content-Type")
		w.WriteHeader(status)
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
