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
	Request *http.Request // Body is not looked at, Sent is
	Sent    []byte
	Status  int
	Header  http.Header
	Body    []byte
}

// Check returns what of an exchange is not as the document says, nil when all is. Every answer must be as described; a
// request must be when it was accepted, as what is refused may be anything.
func (d *Document) Check(ctx context.Context, e *Exchange) error {
	p, values := d.find(e.Request.URL.EscapedPath())
	if p == nil {
		return d.checkOutside(ctx, e)
	}
	operation := p.item.GetOperation(e.Request.Method)
	if operation == nil {
		return d.checkVerb(ctx, e, p)
	}
	route := &routers.Route{Spec: d.Spec, Path: p.name, PathItem: p.item, Method: e.Request.Method, Operation: operation}
	input := input(ctx, e, route, values)
	var accepted error
	if e.Status < http.StatusMultipleChoices {
		accepted = checkRequest(ctx, input)
	}
	return errors.Join(accepted, checkAnswer(ctx, e, input))
}

// checkOutside checks the answer to a path that the document does not have.
func (d *Document) checkOutside(ctx context.Context, e *Exchange) error {
	switch e.Status {
	case http.StatusNotFound:
		return d.checkCommon(ctx, e, "UnknownPath")
	case http.StatusGone:
		return d.checkCommon(ctx, e, "Gone")
	}
	return fmt.Errorf("the path is not in %s, but it is answered with %d", File, e.Status)
}

// checkVerb checks the answer to a verb that the document does not have for a path: it must name those there are.
func (d *Document) checkVerb(ctx context.Context, e *Exchange, p *path) error {
	if e.Status != http.StatusMethodNotAllowed {
		return fmt.Errorf("%s of %s is not in %s, but it is answered with %d", e.Request.Method, p.name, File, e.Status)
	}
	verbs := strings.Split(e.Header.Get("Allow"), ", ")
	slices.Sort(verbs)
	if !slices.Equal(verbs, p.verbs()) {
		return fmt.Errorf("the verbs of %s are %q in %s, but Allow names %q", p.name, p.verbs(), File, verbs)
	}
	return d.checkCommon(ctx, e, "WrongVerb")
}

// checkCommon checks an answer that no operation gives, by the name of its description among the components.
func (d *Document) checkCommon(ctx context.Context, e *Exchange, name string) error {
	response := d.Spec.Components.Responses[name]
	if response == nil {
		return fmt.Errorf("components.responses.%s is not in %s", name, File)
	}
	operation := &openapi3.Operation{Responses: openapi3.NewResponses(openapi3.WithStatus(e.Status, response))}
	return checkAnswer(ctx, e, input(ctx, e, &routers.Route{Spec: d.Spec, Operation: operation}, nil))
}

// input is a request as the validator takes it. A body without a type is what the API takes it for.
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

// credential is content with any credential in the place that a scheme names: whether it is good, the API has said. The
// API's parameters may be in the body as well as in the query, which OpenAPI has no word for.
func credential(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	scheme, r := in.SecurityScheme, in.RequestValidationInput.Request
	there := r.Header.Get("Authorization") != ""
	if scheme.Type == "apiKey" {
		there = scheme.In == openapi3.ParameterInHeader && r.Header.Get(scheme.Name) != "" ||
			scheme.In == openapi3.ParameterInQuery && (r.URL.Query().Get(scheme.Name) != "" || sends(r, scheme.Name))
	}
	if !there {
		return fmt.Errorf("no credential of the scheme %s", in.SecuritySchemeName)
	}
	return nil
}

// sends reports whether a parameter is in the body of a request, which can be read again.
func sends(r *http.Request, name string) bool {
	raw, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return err == nil && bytes.Contains(raw, []byte(name))
}

func checkRequest(ctx context.Context, in *openapi3filter.RequestValidationInput) error {
	if err := openapi3filter.ValidateRequest(ctx, in); err != nil {
		return fmt.Errorf("the request was accepted, but it is not as in %s: %w", File, err)
	}
	return nil
}

func checkAnswer(ctx context.Context, e *Exchange, in *openapi3filter.RequestValidationInput) error {
	described := in.Route.Operation.Responses.Status(e.Status)
	if described == nil {
		return fmt.Errorf("status %d is not among the responses in %s, which are %q", e.Status, File, statuses(in.Route.Operation))
	}
	if len(described.Value.Content) == 0 && len(e.Body) > 0 {
		return fmt.Errorf("an answer with %d has no body in %s", e.Status, File)
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: e.Status, Header: e.Header, Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(ctx, answer.SetBodyBytes(e.Body)); err != nil {
		return fmt.Errorf("the answer is not as in %s: %w", File, err)
	}
	return nil
}

// statuses are those that an operation may answer with.
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
