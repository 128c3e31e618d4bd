package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
)

// Every cell of the table: what a code answers alone and with a text of its own.
func TestAnswers(t *testing.T) {
	const retry = "This endpoint has been requested too many times. Try again later."
	rows := map[code]struct {
		status    int
		bare      string
		withText  string // body of an error with the text "Key"
		retryTime string
	}{
		codeInternal:         {500, `{"message":"500 Internal Server Error"}`, `{"message":"500 Internal Server Error"}`, ""},
		codeUnauthorized:     {401, `{"message":"401 Unauthorized"}`, `{"message":"Key"}`, ""},
		codeForbidden:        {403, `{"message":"403 Forbidden"}`, `{"message":"403 Forbidden - Key"}`, ""},
		codeNotFound:         {404, `{"message":"404 Not Found"}`, `{"message":"404 Key Not Found"}`, ""},
		codeBadRequest:       {400, `{"message":"400 Bad request"}`, `{"message":"400 Bad request - Key"}`, ""},
		codeInvalidParams:    {400, `{"error":"400 Bad request"}`, `{"error":"Key"}`, ""},
		codeUnknownPath:      {404, `{"error":"404 Not Found"}`, `{"error":"404 Not Found"}`, ""},
		codeMethodNotAllowed: {405, `{"error":"405 Method Not Allowed"}`, `{"error":"405 Method Not Allowed"}`, ""},
		codeTooLarge:         {413, `{"error":"413 Request Entity Too Large"}`, `{"error":"413 Request Entity Too Large"}`, ""},
		codeUnsupportedMedia: {415, `{"error":"415 Unsupported Media Type"}`, `{"error":"415 Unsupported Media Type"}`, ""},
		codeTooMany:          {429, `{"message":{"error":"` + retry + `"}}`, `{"message":{"error":"` + retry + `"}}`, "60"},
		codeUnavailable:      {503, `{"message":"503 Service Unavailable"}`, `{"message":"503 Service Unavailable"}`, ""},
		codeGone: {
			410, `{"error":"API V3 is no longer supported. Use API V4 instead."}`,
			`{"error":"API V3 is no longer supported. Use API V4 instead."}`, "",
		},
	}
	for c := range codes {
		t.Run(fmt.Sprintf("code %d", c), func(t *testing.T) {
			want, ok := rows[c]
			if !ok {
				t.Fatal("no row for this code")
			}
			check(t, (&Error{code: c}).response(Internal), want.status, want.bare, want.retryTime)
			check(t, (&Error{code: c, text: "Key"}).response(Internal), want.status, want.withText, want.retryTime)
		})
	}
}

// The same for identity providers: the text is the standard one, but where a body cannot be read.
func TestAnswersToIdentityProviders(t *testing.T) {
	rows := map[code]struct {
		status   int
		bare     string
		withText string
		scimType string
	}{
		codeInternal:         {500, "Internal Server Error", "Internal Server Error", ""},
		codeUnauthorized:     {401, "Unauthorized", "Unauthorized", ""},
		codeForbidden:        {403, "Forbidden", "Forbidden", ""},
		codeNotFound:         {404, "Not Found", "Not Found", ""},
		codeBadRequest:       {400, "Bad Request", "Bad Request", ""},
		codeInvalidParams:    {400, "Bad Request", "Key", "invalidSyntax"},
		codeUnknownPath:      {404, "Not Found", "Not Found", ""},
		codeMethodNotAllowed: {405, "Method Not Allowed", "Method Not Allowed", ""},
		codeTooLarge:         {413, "Request Entity Too Large", "Request Entity Too Large", ""},
		codeUnsupportedMedia: {415, "Unsupported Media Type", "Unsupported Media Type", ""},
		codeTooMany:          {429, "Too Many Requests", "Too Many Requests", ""},
		codeUnavailable:      {503, "Service Unavailable", "Service Unavailable", ""},
		codeGone:             {410, "Gone", "Gone", ""},
	}
	for c := range codes {
		t.Run(fmt.Sprintf("code %d", c), func(t *testing.T) {
			want, ok := rows[c]
			if !ok {
				t.Fatal("no row for this code")
			}
			for text, detail := range map[string]string{"": want.bare, "Key": want.withText} {
				kind := ""
				if want.scimType != "" {
					kind = `,"scimType":"` + want.scimType + `"`
				}
				body := fmt.Sprintf(`{"detail":%q,"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"]%s,"status":"%d"}`,
					detail, kind, want.status)
				got := (&Error{code: c, text: text}).response(SCIM)
				check(t, got, want.status, body, "")
				if media := got.Header.Get("Content-Type"); media != "application/scim+json" {
					t.Errorf("Content-Type %q", media)
				}
			}
		})
	}
}

func check(t *testing.T, got Response, status int, body, retryAfter string) {
	t.Helper()
	raw, err := json.Marshal(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != status || string(raw) != body || got.Header.Get("Retry-After") != retryAfter {
		t.Errorf("got %d %s %v, want %d %s", got.Status, raw, got.Header, status, body)
	}
}

func TestUnknownDialectIsInternal(t *testing.T) {
	for _, d := range []Dialect{-1, 99} {
		if got := (&Error{code: codeNotFound}).response(d); got.Status != 404 {
			t.Errorf("dialect %d: status %d", d, got.Status)
		}
	}
}

// The table is not changed by what answers are made of it.
func TestAnswersStay(t *testing.T) {
	first := TooManyRequests()
	first.Header.Set("Retry-After", "1")
	check(t, TooManyRequests(), 429,
		`{"message":{"error":"This endpoint has been requested too many times. Try again later."}}`, "60")
}

type unavailable bool

func (u unavailable) Error() string     { return "dynamodb: ThrottlingException: arn:aws:secret" }
func (u unavailable) Unavailable() bool { return bool(u) }

type worded struct{ error }

type answered struct{ error }

func (answered) Refusal() (int, any) { return 403, map[string]string{"error": "insufficient_scope"} }

func (worded) PublicText() string { return "KAS JWT authentication invalid" }

func TestErrorsBecomeCodes(t *testing.T) {
	cause := errors.New("cause")
	rows := []struct {
		name string
		err  *Error
		want code
		text string
	}{
		{"an Error is itself", classify(NotFound("Key")), codeNotFound, "404 Key Not Found"},
		{"a wrapped Error is itself", classify(fmt.Errorf("load: %w", NotFound(""))), codeNotFound, "404 Not Found"},
		{"what is unavailable is 503", classify(fmt.Errorf("load: %w", unavailable(true))), codeUnavailable, "503 Service Unavailable"},
		{"what says it is available is 500", classify(unavailable(false)), codeInternal, "500 Internal Server Error"},
		{"out of time is 503", classify(fmt.Errorf("x: %w", context.DeadlineExceeded)), codeUnavailable, "503 Service Unavailable"},
		{"given up by the caller is 503", classify(context.Canceled), codeUnavailable, "503 Service Unavailable"},
		{"anything else is 500", classify(cause), codeInternal, "500 Internal Server Error"},
		{"authentication: anything is 401", unauthenticated(cause), codeUnauthorized, "401 Unauthorized"},
		{"authentication: even another Error is 401", unauthenticated(NotFound("")), codeUnauthorized, "401 Unauthorized"},
		{"authentication: its own words", unauthenticated(worded{cause}), codeUnauthorized, "KAS JWT authentication invalid"},
		{"authentication: nothing decided is 503", unauthenticated(unavailable(true)), codeUnavailable, "503 Service Unavailable"},
		{"Forbidden without a reason", Forbidden(""), codeForbidden, "403 Forbidden"},
		{"Missing names the parameter", Missing("key"), codeInvalidParams, "key is missing"},
		{"Invalid joins the mistakes", Invalid("a is missing", "b is invalid"), codeInvalidParams, "a is missing, b is invalid"},
		{"Unauthorized has the standard text", Unauthorized(), codeUnauthorized, "401 Unauthorized"},
		{"BadRequest without a reason", BadRequest(""), codeBadRequest, "400 Bad request"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if row.err.code != row.want || row.err.publicText(Internal) != row.text {
				t.Errorf("got code %d %q, want %d %q", row.err.code, row.err.publicText(Internal), row.want, row.text)
			}
		})
	}
}

// An authenticator may say itself what is answered.
func TestRefusalsOfTheirOwn(t *testing.T) {
	cause := errors.New("cause")
	refusal := unauthenticated(fmt.Errorf("%w: %w", answered{cause}, cause))
	check(t, refusal.response(Internal), 403, `{"error":"insufficient_scope"}`, "")
	if !errors.Is(refusal, cause) {
		t.Errorf("%v has lost its cause", refusal)
	}
}

func TestErrorKeepsItsCause(t *testing.T) {
	cause := errors.New("cause")
	err := classify(cause)
	if !errors.Is(err, cause) || err.Error() != "500 Internal Server Error: cause" {
		t.Errorf("%v", err)
	}
	if got := NotFound("Key").Error(); got != "404 Key Not Found" {
		t.Errorf("Error() = %q", got)
	}
	if got := http.StatusText(err.response(Internal).Status); got != "Internal Server Error" {
		t.Errorf("status %q", got)
	}
}
