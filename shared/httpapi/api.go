package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"postern/shared/metrics"
	"postern/shared/requestlog"
	"postern/shared/trace"
)

// Handler answers one request. What it returns as an error is answered by the route's dialect: an *Error as what it
// says, an error with Unavailable() == true and a passed deadline as 503, every other as 500 with a fixed sentence.
type Handler func(ctx context.Context, p *Params) (Response, error)

// Response is what a handler answers.
type Response struct {
	Status int         // 0 stands for 200
	Body   any         // written as JSON; nil writes no body, Null writes null
	Header http.Header // added to the usual ones
}

type nullBody struct{}

// MarshalJSON returns null.
func (nullBody) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// Null is the body of an answer that says "nobody": the JSON value null.
var Null nullBody

// Authenticator says whether a request may reach its route. It sees the request before its body is read. An error
// refuses with 401 and the standard text, or with the error's own PublicText() or Refusal() (status and body) if it has
// one; an error with Unavailable() == true is answered with 503, because nothing was decided.
type Authenticator interface {
	Authenticate(ctx context.Context, r *http.Request) error
}

// ParamsAuthenticator is an Authenticator for routes whose callers may also show a credential that is a parameter, or
// that only what the request is about can prove. It is asked after Authenticate has refused, and lets in or refuses in
// the same way; of a request that cannot be read it sees what can, and whom it lets in is told what is wrong. The handler
// gets the context that it returns: what was loaded for the judgement need not be loaded twice.
type ParamsAuthenticator interface {
	Authenticator
	AuthenticateParams(ctx context.Context, r *http.Request, p *Params) (context.Context, error)
}

// Route declares one endpoint.
type Route struct {
	Method string
	// Path is below /api/v4 unless it starts with /api; a segment ":name" matches any one and becomes a parameter.
	// What is below /internal is served without /api/v4 too, everything else below /v4.
	Path    string
	Auth    Authenticator // without one the route refuses everybody
	Handler Handler
	Dialect Dialect
}

// Options are what the routes of a family share. The zero value works: it logs nothing and has no relative URL root.
type Options struct {
	Family       string // as in the log
	Logger       *slog.Logger
	Metrics      metrics.Namespace // of the metrics in the log; none when empty
	Tracer       *trace.Tracer     // tells X-Ray of requests; nil for nobody
	Now          func() time.Time
	NewRequestID func() string
	Timeout      time.Duration // the gateway's; see New
	URLRoot      string        // relative URL root such as "/gitlab", stripped where a path has it
	FreshStart   bool          // the first request is logged as a cold start
	Dialect      Dialect       // of refusals where no route was found
}

// New serves routes. Each request gets a deadline: 50 s (internal API, allowed), the gateway's timeout or the
// deadline that it comes with, whichever is first, less a margin for the way back.
func New(routes []Route, o Options) http.Handler {
	return newService(routes, o)
}

// Unmatched answers the paths that no family has: 404, and 410 below /api/v3.
func Unmatched(o Options) http.Handler {
	return newService(nil, o)
}

// Refuse answers a request with an error before any route is looked for, with headers and log line as every answer of
// the handler h, which New or Unmatched made; with another handler nothing is logged. It is for adapters whose event
// makes no request.
func Refuse(h http.Handler, w http.ResponseWriter, r *http.Request, err error) {
	s, ok := h.(*service)
	if !ok {
		s = newService(nil, Options{})
	}
	s.serve(w, r, match{}, func(context.Context) (Response, error) { return Response{}, err })
}

// Elapsed returns how long before now the request of the context came; zero outside a request.
func Elapsed(ctx context.Context, now time.Time) time.Duration {
	return requestlog.From(ctx).Elapsed(now)
}
