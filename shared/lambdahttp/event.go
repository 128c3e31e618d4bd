package lambdahttp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// errMethod says that an event's method cannot be one.
var errMethod = errors.New("lambdahttp: malformed method")

// gatewayEvent is the part of a REST API's event that makes the request. The gateway's context, which is most of an
// event, is passed over instead of decoded, except for the caller's address.
type gatewayEvent struct {
	Path        string              `json:"path"`
	Method      string              `json:"httpMethod"`
	Headers     map[string]string   `json:"headers"`
	AllHeaders  map[string][]string `json:"multiValueHeaders"`
	Query       map[string]string   `json:"queryStringParameters"`
	AllQuery    map[string][]string `json:"multiValueQueryStringParameters"`
	Body        string              `json:"body"`
	Base64      bool                `json:"isBase64Encoded"`
	FromGateway struct {
		Identity struct {
			SourceIP string `json:"sourceIp"`
		} `json:"identity"`
	} `json:"requestContext"`
}

// request returns what the adapter needs. The adapter answers a bad path or body with a gateway timeout, so they are
// judged here.
func (e *gatewayEvent) request() (events.APIGatewayProxyRequest, error) {
	request := e.envelope()
	body, err := plainBody(e.Body, e.Base64)
	if err != nil {
		return request, err
	}
	request.Path, err = safePath(e.Path)
	if err != nil {
		return request, err
	}
	if !wellFormedMethod(e.Method) {
		return request, errMethod
	}
	request.HTTPMethod, request.Body = e.Method, body
	request.QueryStringParameters, request.MultiValueQueryStringParameters = e.Query, e.AllQuery
	return request, nil
}

// envelope returns a request that says only who asks, with which headers.
func (e *gatewayEvent) envelope() events.APIGatewayProxyRequest {
	request := events.APIGatewayProxyRequest{Path: "/", Headers: e.Headers, MultiValueHeaders: e.AllHeaders}
	request.RequestContext.Identity.SourceIP = e.FromGateway.Identity.SourceIP
	return request
}

// plainBody returns the body as bytes in a string; the gateway encodes what it takes for binary.
func plainBody(body string, encoded bool) (string, error) {
	if !encoded {
		return body, nil
	}
	raw, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return "", fmt.Errorf("lambdahttp: malformed body: %w", err)
	}
	return string(raw), nil
}

// safePath returns a path that the adapter cannot misread: it begins with a slash, its escapes are whole, and what
// would end it is escaped.
func safePath(path string) (string, error) {
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if strings.IndexFunc(path, unusual) < 0 {
		return path, nil
	}
	path = strings.NewReplacer("?", "%3F", "#", "%23").Replace(path)
	if _, err := url.Parse("https://" + path); err != nil {
		return "/", fmt.Errorf("lambdahttp: malformed path: %w", err)
	}
	return path, nil
}

// unusual reports whether a letter of a path needs a closer look.
func unusual(c rune) bool {
	usual := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("/_-.", c)
	return !usual
}

// wellFormedMethod reports whether a method has only letters; none at all stands for GET.
func wellFormedMethod(method string) bool {
	for _, c := range []byte(method) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}
