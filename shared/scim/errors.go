package scim

import (
	"net/http"
	"strconv"
	"strings"
)

// Type says more than the status what is wrong with a request (RFC 7644 section 3.12, table 9).
type Type string

// The types that are answered.
const (
	InvalidFilter Type = "invalidFilter"
	TooMany       Type = "tooMany"
	Uniqueness    Type = "uniqueness"
	Mutability    Type = "mutability"
	InvalidSyntax Type = "invalidSyntax"
	InvalidPath   Type = "invalidPath"
	NoTarget      Type = "noTarget"
	InvalidValue  Type = "invalidValue"
)

// Error is a refusal that the client is told.
type Error struct {
	Status int
	Type   Type // empty where the RFC names none
	Detail string
}

// Error returns the detail.
func (e *Error) Error() string { return "scim: " + e.Detail }

// Body is the message that tells the error (RFC 7644 section 3.12): its status is a text.
func (e *Error) Body() map[string]any { return ErrorBody(e.Status, e.Type, e.Detail) }

// ErrorBody is the message for a status, a type that may be empty, and a detail.
func ErrorBody(status int, kind Type, detail string) map[string]any {
	body := map[string]any{"schemas": []string{errorMessage}, "status": strconv.Itoa(status), "detail": detail}
	if kind != "" {
		body["scimType"] = kind
	}
	return body
}

// Bad is 400 with a type.
func Bad(kind Type, detail string) *Error {
	return &Error{Status: http.StatusBadRequest, Type: kind, Detail: detail}
}

// Taken is 409: a value is another resource's.
func Taken(detail string) *Error {
	return &Error{Status: http.StatusConflict, Type: Uniqueness, Detail: detail}
}

// NoResource is 404 for an id that nobody has.
func NoResource(id string) *Error {
	return &Error{Status: http.StatusNotFound, Detail: "Resource " + id + " not found"}
}

// Precondition is 412: the resource is not in the state that the client or a rule asks for.
func Precondition(detail string) *Error {
	return &Error{Status: http.StatusPreconditionFailed, Detail: detail}
}

// UnknownMembers is 400 for members that nobody is.
func UnknownMembers(uids []string) *Error {
	return Bad(InvalidValue, "Unknown members: "+shown(strings.Join(uids, ", ")))
}

// Check names the error in the log, where details could repeat what was sent.
func (e *Error) Check() string {
	if e.Type != "" {
		return string(e.Type)
	}
	return strconv.Itoa(e.Status)
}
