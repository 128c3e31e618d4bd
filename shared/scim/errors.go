package scim

import (
	"net/http"
	"strconv"
	"strings"
)

// Type is the scimType of an error, which refines the status (RFC 7644 section 3.12, table 9).
type Type string

// The types that the service returns.
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

// Error is a rejection with a detail for the client.
type Error struct {
	Status int
	Type   Type // empty where the RFC names none
	Detail string
}

func (e *Error) Error() string { return "scim: " + e.Detail }

// Body returns the error message (RFC 7644 section 3.12), whose status is a string.
func (e *Error) Body() map[string]any { return ErrorBody(e.Status, e.Type, e.Detail) }

// ErrorBody returns the error message. The type may be empty.
func ErrorBody(status int, kind Type, detail string) map[string]any {
	body := map[string]any{"schemas": []string{errorMessage}, "status": strconv.Itoa(status), "detail": detail}
	if kind != "" {
		body["scimType"] = kind
	}
	return body
}

// Bad returns a 400 with a type.
func Bad(kind Type, detail string) *Error {
	return &Error{Status: http.StatusBadRequest, Type: kind, Detail: detail}
}

// Taken returns a 409: another resource has the value.
func Taken(detail string) *Error {
	return &Error{Status: http.StatusConflict, Type: Uniqueness, Detail: detail}
}

// NoResource returns a 404 for an unknown id.
func NoResource(id string) *Error {
	return &Error{Status: http.StatusNotFound, Detail: "Resource " + id + " not found"}
}

// Precondition returns a 412: the resource's state does not meet a condition of the client or of a rule.
func Precondition(detail string) *Error {
	return &Error{Status: http.StatusPreconditionFailed, Detail: detail}
}

// UnknownMembers returns a 400 for unknown members.
func UnknownMembers(uids []string) *Error {
	return Bad(InvalidValue, "Unknown members: "+shown(strings.Join(uids, ", ")))
}

// Check returns the error's name for the log. Details stay out of the log, because they can repeat input.
func (e *Error) Check() string {
	if e.Type != "" {
		return string(e.Type)
	}
	return strconv.Itoa(e.Status)
}
