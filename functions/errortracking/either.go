package errortracking

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
)

// tokenHeader carries the error-tracking service's token; the parameter of that name counts before it.
const (
	tokenHeader    = "Gitlab-Error-Tracking-Token" //nolint:gosec // its name, not the token
	tokenParameter = "error_tracking_token"
)

// Why a request is refused. The caller is told none of it.
var (
	errNoToken    = errors.New("errortracking: no token")
	errWrongToken = errors.New("errortracking: wrong token")
)

// either lets in gitlab-shell's token or the error-tracking service's, which is one of the instance's settings.
type either struct {
	shell httpapi.Authenticator
	store Store
}

// loaded is the context's key of what the authentication has loaded.
type loaded struct{}

// Authenticate lets in gitlab-shell's token.
func (e either) Authenticate(ctx context.Context, r *http.Request) error {
	if e.shell == nil {
		return errNoToken
	}
	return e.shell.Authenticate(ctx, r)
}

// AuthenticateParams lets in the error-tracking service's token. What it is compared with comes in one read with the
// project that is asked about, and goes on to the handler.
func (e either) AuthenticateParams(ctx context.Context, r *http.Request, p *httpapi.Params) (context.Context, error) {
	token, _ := p.Text(tokenParameter)
	if token == "" {
		token = r.Header.Get(tokenHeader)
	}
	if token == "" {
		return ctx, errNoToken
	}
	project, _ := p.ID("project_id")
	found, err := e.store.LoadErrorTrackingContext(ctx, project)
	if err != nil {
		return ctx, err
	}
	if !same(token, found.Settings.ErrorTrackingAccessToken) {
		return ctx, errWrongToken
	}
	return context.WithValue(ctx, loaded{}, &found), nil
}

// same compares digests in constant time, so that not even the length shows. A line feed at the end is one of a file.
func same(given string, want *string) bool {
	if want == nil || *want == "" {
		return false
	}
	digest := func(s string) []byte { return []byte(gitlab.TokenDigest(strings.TrimRight(s, "\r\n"))) }
	return subtle.ConstantTimeCompare(digest(given), digest(*want)) == 1
}
