package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// Error is an answer that is not a success: what the caller is told, and what is kept for the log.
type Error struct {
	code   code
	text   string // a part of the public text, its meaning depends on the code
	cause  error
	header http.Header
	answer *Response // takes the place of what the code is answered with
}

// errNoLock says that a route was declared without an authenticator.
var errNoLock = errors.New("route has no authenticator")

// Error returns the public text and the cause.
func (e *Error) Error() string {
	text := e.publicText(Internal)
	if e.cause == nil {
		return text
	}
	return text + ": " + e.cause.Error()
}

// Unwrap returns the internal cause, nil if there is none.
func (e *Error) Unwrap() error { return e.cause }

// BadRequest is 400 with a reason that the caller may read; an empty reason says only "400 Bad request".
func BadRequest(reason string) *Error { return &Error{code: codeBadRequest, text: reason} }

// Invalid is 400 for parameters that are not what they must be; each mistake is a sentence such as "name is invalid".
func Invalid(mistakes ...string) *Error {
	return &Error{code: codeInvalidParams, text: strings.Join(mistakes, ", ")}
}

// Unauthorized is 401 with the standard text, for a credential that only a look at the table can judge.
func Unauthorized() *Error { return &Error{code: codeUnauthorized} }

// Missing is 400 for a required parameter that was not given.
func Missing(name string) *Error { return &Error{code: codeInvalidParams, text: name + " is missing"} }

// Forbidden is 403 with a reason that the caller may read; an empty reason says only "403 Forbidden".
func Forbidden(reason string) *Error { return &Error{code: codeForbidden, text: reason} }

// NotFound is 404; what is the kind of record, for example "Key", and may be empty.
func NotFound(what string) *Error { return &Error{code: codeNotFound, text: what} }

// TooManyRequests is the answer 429 with the time to wait.
func TooManyRequests() Response { return (&Error{code: codeTooMany}).response(Internal) }

// classify finds the answer to an error.
func classify(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	if temporary(err) {
		return &Error{code: codeUnavailable, cause: err}
	}
	return &Error{code: codeInternal, cause: err}
}

// unauthenticated is the answer to an error of an authenticator.
func unauthenticated(err error) *Error {
	if temporary(err) {
		return &Error{code: codeUnavailable, cause: err}
	}
	refusal := &Error{code: codeUnauthorized, cause: err}
	var own interface{ Refusal() (status int, body any) }
	if errors.As(err, &own) {
		status, body := own.Refusal()
		refusal.answer = &Response{Status: status, Body: body}
	}
	var public interface{ PublicText() string }
	if errors.As(err, &public) {
		refusal.text = public.PublicText()
	}
	return refusal
}

// temporary reports whether another try may succeed: a part that is needed cannot be reached, or time is up.
func temporary(err error) bool {
	var part interface{ Unavailable() bool }
	if errors.As(err, &part) && part.Unavailable() {
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
