package httpapi

import (
	"maps"
	"net/http"
	"strconv"
)

// Dialect is how a family words its errors.
type Dialect int

const (
	// Internal is the dialect of the internal API: {"message": "404 Not Found"}, with the key "error" where the request
	// did not get as far as an endpoint.
	Internal Dialect = iota
	// SCIM is the dialect of identity providers: messages of RFC 7644 section 3.12 with the media type of their own.
	SCIM
)

// code is what went wrong, whatever the dialect.
type code int

const (
	codeInternal code = iota
	codeUnauthorized
	codeForbidden
	codeNotFound
	codeBadRequest
	codeInvalidParams
	codeUnknownPath
	codeMethodNotAllowed
	codeTooLarge
	codeUnsupportedMedia
	codeTooMany
	codeUnavailable
	codeGone
	codes // how many there are
)

// cell is what a dialect answers to a code.
type cell struct {
	status int
	key    string
	text   string
	word   func(standard, text string) string // puts the error's own text into the standard one
	body   func(c *cell, text string) any     // where it is not {key: text}
	header http.Header
}

// answers is the one place where errors become statuses and texts (internal API, common replies).
var answers = [...][codes]cell{
	Internal: {
		codeInternal:         {status: 500, key: "message", text: "500 Internal Server Error", word: fixed},
		codeUnauthorized:     {status: 401, key: "message", text: "401 Unauthorized", word: instead},
		codeForbidden:        {status: 403, key: "message", text: "403 Forbidden", word: behind},
		codeNotFound:         {status: 404, key: "message", text: "404 Not Found", word: named},
		codeBadRequest:       {status: 400, key: "message", text: "400 Bad request", word: behind},
		codeInvalidParams:    {status: 400, key: "error", text: "400 Bad request", word: instead},
		codeUnknownPath:      {status: 404, key: "error", text: "404 Not Found", word: fixed},
		codeMethodNotAllowed: {status: 405, key: "error", text: "405 Method Not Allowed", word: fixed},
		codeTooLarge:         {status: 413, key: "error", text: "413 Request Entity Too Large", word: fixed},
		codeUnsupportedMedia: {status: 415, key: "error", text: "415 Unsupported Media Type", word: fixed},
		codeTooMany: {
			status: 429, key: "message", word: fixed, body: nested,
			text:   "This endpoint has been requested too many times. Try again later.",
			header: http.Header{"Retry-After": {"60"}},
		},
		codeUnavailable: {status: 503, key: "message", text: "503 Service Unavailable", word: fixed},
		codeGone: {
			status: 410, key: "error", word: fixed,
			text: "API V3 is no longer supported. Use API V4 instead.",
		},
	},
	SCIM: {
		codeInternal:         message(500, "Internal Server Error"),
		codeUnauthorized:     message(401, "Unauthorized"),
		codeForbidden:        message(403, "Forbidden"),
		codeNotFound:         message(404, "Not Found"),
		codeBadRequest:       message(400, "Bad Request"),
		codeInvalidParams:    {status: 400, key: "invalidSyntax", text: "Bad Request", word: instead, body: told, header: scimType},
		codeUnknownPath:      message(404, "Not Found"),
		codeMethodNotAllowed: message(405, "Method Not Allowed"),
		codeTooLarge:         message(413, "Request Entity Too Large"),
		codeUnsupportedMedia: message(415, "Unsupported Media Type"),
		codeTooMany:          message(429, "Too Many Requests"),
		codeUnavailable:      message(503, "Service Unavailable"),
		codeGone:             message(410, "Gone"),
	},
}

// scimType is the media type of SCIM's messages.
var scimType = http.Header{"Content-Type": {"application/scim+json"}}

// message is a cell of SCIM's dialect.
func message(status int, text string) cell {
	return cell{status: status, text: text, word: fixed, body: told, header: scimType}
}

// told is the body of SCIM's errors. A cell's key is the error's type, if it has one; the status is a text.
func told(c *cell, text string) any {
	body := map[string]any{
		"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"},
		"status":  strconv.Itoa(c.status), "detail": text,
	}
	if c.key != "" {
		body["scimType"] = c.key
	}
	return body
}

// fixed keeps the standard text: the error's own would say too much, or nothing.
func fixed(standard, _ string) string { return standard }

// instead lets the error's own text take the place of the standard one.
func instead(standard, text string) string {
	if text == "" {
		return standard
	}
	return text
}

// behind puts a reason behind the standard text.
func behind(standard, reason string) string {
	if reason == "" {
		return standard
	}
	return standard + " - " + reason
}

// named puts the kind of record between the status and "Not Found".
func named(standard, what string) string {
	if what == "" {
		return standard
	}
	return standard[:4] + what + standard[3:]
}

// nested is the message of a rate limit, which is an object.
func nested(c *cell, text string) any {
	return map[string]any{c.key: map[string]string{"error": text}}
}

// cell looks the error up. A dialect that the table does not have is the internal one, so that a mistake in a route
// table costs the wording and not the answer.
func (e *Error) cell(d Dialect) *cell {
	if d < 0 || int(d) >= len(answers) {
		d = Internal
	}
	return &answers[d][e.code]
}

// publicText is all that a caller learns of an error in words.
func (e *Error) publicText(d Dialect) string {
	c := e.cell(d)
	return c.word(c.text, e.text)
}

// response is the answer to the error. Its header is a copy, so that nobody changes the table.
func (e *Error) response(d Dialect) Response {
	if e.answer != nil {
		return *e.answer
	}
	c := e.cell(d)
	text := e.publicText(d)
	var body any = map[string]any{c.key: text}
	if c.body != nil {
		body = c.body(c, text)
	}
	header := e.header
	if c.header != nil {
		header = maps.Clone(c.header)
		maps.Copy(header, e.header)
	}
	return Response{Status: c.status, Body: body, Header: header}
}
