package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"postern/shared/requestlog"
	"postern/shared/trace"
)

const (
	// longestRequest is how long a check may take, whatever the gateway would wait (internal API, allowed).
	longestRequest = 50 * time.Second
	// wayBack is kept free at the end of the gateway's time, so that the caller gets this API's 503 and not the
	// gateway's.
	wayBack = time.Second
)

// service is the http.Handler of a family.
type service struct {
	Options
	router  *router
	buffers sync.Pool // of *bytes.Buffer, for bodies in and out
	cold    atomic.Bool
}

// newService fills in what the options leave open.
func newService(routes []Route, o Options) *service {
	o.Timeout = min(cmp.Or(o.Timeout, longestRequest), longestRequest)
	o.Timeout -= margin(o.Timeout)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewRequestID == nil {
		o.NewRequestID = randomID
	}
	s := &service{Options: o, router: newRouter(routes, o.URLRoot)}
	s.buffers.New = func() any { return new(bytes.Buffer) }
	s.cold.Store(o.FreshStart)
	return s
}

// margin is a tenth of a short time, wayBack of a long one.
func margin(limit time.Duration) time.Duration { return min(wayBack, limit/10) }

// ServeHTTP answers one request and writes its log line. It never panics.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, missed := s.router.find(r)
	s.serve(w, r, found, func(ctx context.Context) (Response, error) {
		if missed != nil {
			return Response{}, missed
		}
		return s.handle(ctx, w, r, found)
	})
}

// serve is what is the same for every request, whatever answers it.
func (s *service) serve(w http.ResponseWriter, r *http.Request, m match, answer func(context.Context) (Response, error)) {
	started := s.Now()
	line := &requestlog.Record{}
	line.Begin(started, s.cold.CompareAndSwap(true, false))
	line.SetRoute(s.Family, r.Method, m.path())
	id := s.requestID(r)
	line.SetRequestID(id)

	ctx, cancel := s.withDeadline(requestlog.With(r.Context(), line))
	defer cancel()
	out := s.buffer()
	defer s.buffers.Put(out)
	status, header := run(ctx, m.dialect(s.Dialect), out, answer)

	ended := s.Now()
	took := ended.Sub(started)
	writeHeader(w.Header(), header, id, took)
	write(w, status, out.Bytes())
	line.Write(ctx, s.Logger, s.Metrics, status, took)
	s.Tracer.Send(ctx, &trace.Work{Name: s.Family, Began: started, Ended: ended, Status: status, About: line})
}

// handle goes the way of a request that has a route: authentication first, before anything of the request is read or
// judged, then the parameters, then the handler.
func (s *service) handle(ctx context.Context, w http.ResponseWriter, r *http.Request, m match) (Response, error) {
	refused := m.route.Auth.Authenticate(ctx, r)
	byParams, asksParams := m.route.Auth.(ParamsAuthenticator)
	if refused != nil && !asksParams {
		return Response{}, turnedAway(ctx, refused)
	}
	params, err := s.params(ctx, w, r, m)
	if refused != nil {
		ctx, refused = byParams.AuthenticateParams(ctx, r, params)
	}
	switch {
	case refused != nil:
		return Response{}, turnedAway(ctx, refused)
	case err != nil:
		return Response{}, err
	}
	return m.route.Handler(ctx, params)
}

// turnedAway is the answer to somebody who is not let in.
func turnedAway(ctx context.Context, err error) error {
	requestlog.From(ctx).SetDecision("denied", "authentication")
	return unauthenticated(err)
}

// withDeadline bounds a request by this API's own time and by the one that the context brings, for example from
// Lambda. The time that is left counts, not the clock that is passed in, because the runtime's timers do not know it.
func (s *service) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := s.Timeout
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		limit = min(limit, left-margin(left))
	}
	return context.WithTimeout(ctx, limit)
}

// buffer returns an empty buffer for one use; who got it puts it back.
func (s *service) buffer() *bytes.Buffer {
	buffer, ok := s.buffers.Get().(*bytes.Buffer)
	if !ok {
		return new(bytes.Buffer)
	}
	buffer.Reset()
	return buffer
}

// refuseAll is the lock of a route that was declared without one.
type refuseAll struct{}

// Authenticate refuses.
func (refuseAll) Authenticate(context.Context, *http.Request) error { return errNoLock }
