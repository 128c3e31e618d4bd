package provisioning

import (
	"context"
	"errors"
	"net/http"

	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/tenants"
	"postern/shared/table"
)

// tries is how often a request is evaluated again because what it builds on was changed at the same time.
const tries = 5

// task is one kind of request: what it loads, in one go with the token that opens it, and what it answers. What creates has the
// store do that in the first step, which judges the token before it writes.
type task[T any] struct {
	load   func(*service, context.Context, *request) (T, error)
	answer func(*service, context.Context, *request, T) (reply, error)
}

// runner is a task of whatever loads.
type runner interface {
	run(context.Context, *service, *request) (reply, error)
}

// run answers a request.
func (t task[T]) run(ctx context.Context, s *service, r *request) (reply, error) {
	loaded, err := t.load(s, ctx, r)
	return t.finish(ctx, s, r, loaded, err)
}

// finish answers with what was loaded, and loads again as long as that is changed meanwhile.
func (t task[T]) finish(ctx context.Context, s *service, r *request, loaded T, err error) (reply, error) {
	for range tries {
		var answer reply
		if err == nil {
			answer, err = t.answer(s, ctx, r, loaded)
		}
		if !errors.Is(err, table.ErrConflict) {
			return answer, err
		}
		loaded, err = t.load(s, ctx, r)
	}
	return reply{}, errBusy
}

// outcome is what the lock has loaded for the handler.
type outcome[T any] struct {
	request *request
	loaded  T
	err     error // for the handler to tell: the token is good
}

// outcomeKey is the context's key of the outcome.
type outcomeKey struct{}

// lock lets in requests with a good token, which only loading what is asked for can tell.
type lock[T any] struct {
	service *service
	load    func(*service, context.Context, *request) (T, error)
}

// Authenticate leaves it to AuthenticateParams.
func (lock[T]) Authenticate(context.Context, *http.Request) error { return errNoToken }

// AuthenticateParams loads what the request is about. Only a token that nobody knows refuses here; what else is wrong is the
// handler's to answer.
func (l lock[T]) AuthenticateParams(ctx context.Context, hr *http.Request, p *httpapi.Params) (context.Context, error) {
	token := bearer(hr)
	if token == "" {
		return ctx, errNoToken
	}
	r := l.service.decode(hr, p, token, requestlog.From(ctx).RequestID())
	loaded, err := l.load(l.service, ctx, r)
	if errors.Is(err, tenants.ErrSCIMToken) || temporary(err) {
		return ctx, err
	}
	return context.WithValue(ctx, outcomeKey{}, &outcome[T]{request: r, loaded: loaded, err: err}), nil
}

// temporary reports whether an error says nothing about the token.
func temporary(err error) bool {
	var part interface{ Unavailable() bool }
	return errors.As(err, &part) && part.Unavailable()
}

// serve makes a route of a task.
func serve[T any](s *service, method, path string, t task[T]) httpapi.Route {
	handler := func(ctx context.Context, _ *httpapi.Params) (httpapi.Response, error) {
		o, ok := ctx.Value(outcomeKey{}).(*outcome[T])
		if !ok {
			return httpapi.Response{}, errNoToken
		}
		answer, err := t.finish(ctx, s, o.request, o.loaded, o.err)
		return o.request.respond(ctx, answer, err)
	}
	return httpapi.Route{
		Method: method, Path: s.base + path, Dialect: httpapi.SCIM, Auth: lock[T]{service: s, load: t.load}, Handler: handler,
	}
}
