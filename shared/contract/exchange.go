package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Exchange is a request with its answer.
type Exchange struct {
	Request *http.Request // Sent replaces its Body
	Sent    []byte
	Status  int
	Header  http.Header
	Body    []byte
}

// Check returns the deviations of an exchange from the document, nil for none. Every answer must match. The request must
// match only if it was accepted.
func (d *Document) Check(ctx context.Context, e *Exchange) error {
	p, values := d.find(e.Request.URL.EscapedPath())
	if p == nil {
		return d.checkOutside(ctx, e)
	}
	operation := p.item.GetOperation(e.Request.Method)
	if operation == nil {
		return d.checkMethod(ctx, e, p)
	}
	route := &routers.Route{Spec: d.Spec, Path: p.name, PathItem: p.item, Method: e.Request.Method, Operation: operation}
	input := input(ctx, e, route, values)
	var accepted error
	if e.Status < http.StatusMultipleChoices {
		accepted = checkRequest(ctx, input)
	}
	return errors.Join(accepted, checkAnswer(ctx, e, input))
}

// checkOutside checks the answer for an unknown path.
func (d *Document) checkOutside(ctx context.Context, e *Exchange) error {
	switch e.Status {
	case http.StatusNotFound:
		return d.checkCommon(ctx, e, "UnknownPath")
	case http.StatusGone:
		return d.checkCommon(ctx, e, "Gone")
	}
	return fmt.Errorf("the path is not in %s, but the answer is %d", File, e.Status)
}

// checkMethod checks the answer for an unknown method: Allow must list the methods of the path.
func (d *Document) checkMethod(ctx context.Context, e *Exchange, p *path) error {
	if e.Status != http.StatusMethodNotAllowed {
		return fmt.Errorf("%s of %s is not in %s, but the answer is %d", e.Request.Method, p.name, File, e.Status)
	}
	methods := strings.Split(e.Header.Get("Allow"), ", ")
	slices.Sort(methods)
	if !slices.Equal(methods, p.methods()) {
		return fmt.Errorf("the methods of %s are %q in %s, but Allow has %q", p.name, p.methods(), File, methods)
	}
	return d.checkCommon(ctx, e, "WrongVerb")
}

// checkCommon checks an answer that belongs to no operation, by its name among the components.
func (d *Document) checkCommon(ctx context.Context, e *Exchange, name string) error {
	response := d.Spec.Components.Responses[name]
	if response == nil {
		return fmt.Errorf("components.responses.%s is not in %s", name, File)
	}
	operation := &openapi3.Operation{Responses: openapi3.NewResponses(openapi3.WithStatus(e.Status, response))}
	return checkAnswer(ctx, e, input(ctx, e, &routers.Route{Spec: d.Spec, Operation: operation}, nil))
}

// input prepares the validator's input. A body without a content type gets the type that the API assumes.
func input(ctx context.Context, e *Exchange, route *routers.Route, values map[string]string) *openapi3filter.RequestValidationInput {
	r := e.Request.Clone(ctx)
	r.Body, r.GetBody = io.NopCloser(bytes.NewReader(e.Sent)), nil
	if body := bytes.TrimSpace(e.Sent); len(body) > 0 && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if body[0] == '{' {
			r.Header.Set("Content-Type", "application/json")
		}
	}
	options := &openapi3filter.Options{
		IncludeResponseStatus: true, MultiError: true, SkipSettingDefaults: true,
		RejectWhenRequestBodyNotSpecified: true, AuthenticationFunc: credential,
	}
	options.WithCustomSchemaErrorFunc(func(err *openapi3.SchemaError) string { return err.Reason })
	return &openapi3filter.RequestValidationInput{Request: r, PathParams: values, Route: route, Options: options}
}

// credential checks that the request has a credential for the scheme. The API has verified it. OpenAPI cannot express that
// query parameters may also be in the body.
func credential(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	scheme, r := in.SecurityScheme, in.RequestValidationInput.Request
	present := r.Header.Get("Authorization") != ""
	if scheme.Type == "apiKey" {
		present = scheme.In == openapi3.ParameterInHeader && r.Header.Get(scheme.Name) != "" ||
			scheme.In == openapi3.ParameterInQuery && (r.URL.Query().Get(scheme.Name) != "" || sends(r, scheme.Name))
	}
	if !present {
		return fmt.Errorf("no credential of the scheme %s", in.SecuritySchemeName)
	}
	return nil
}

// sends reports whether the body contains a parameter. The body stays readable.
func sends(r *http.Request, name string) bool {
	raw, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return err == nil && bytes.Contains(raw, []byte(name))
}

func checkRequest(ctx context.Context, in *openapi3filter.RequestValidationInput) error {
	if err := openapi3filter.ValidateRequest(ctx, in); err != nil {
		return fmt.Errorf("the accepted request does not match %s: %w", File, err)
	}
	return nil
}

func checkAnswer(ctx context.Context, e *Exchange, in *openapi3filter.RequestValidationInput) error {
	described := in.Route.Operation.Responses.Status(e.Status)
	if described == nil {
		return fmt.Errorf("status %d is not among the responses in %s, which are %q", e.Status, File, statuses(in.Route.Operation))
	}
	if len(described.Value.Content) == 0 && len(e.Body) > 0 {
		return fmt.Errorf("an answer with %d must not have a body in %s", e.Status, File)
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: e.Status, Header: e.Header, Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(ctx, answer.SetBodyBytes(e.Body)); err != nil {
		return fmt.Errorf("the answer does not match %s: %w", File, err)
	}
	return nil
}

// statuses returns the sorted statuses of an operation.
func statuses(operation *openapi3.Operation) []string {
	var all []string
	for status := range operation.Responses.Map() {
		if _, err := strconv.Atoi(status); err == nil {
			all = append(all, status)
		}
	}
	slices.Sort(all)
	return all
}
