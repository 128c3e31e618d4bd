package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"postern/shared/gitlab"
)

// Why a personal access token does not let in an administrator, in the order of the checks (storage limit exclusions).
var (
	ErrNoToken      = errors.New("auth: personal access token: none, or unknown")
	ErrRevoked      = errors.New("auth: personal access token: revoked")
	ErrExpired      = errors.New("auth: personal access token: expired")
	ErrScope        = errors.New("auth: personal access token: not for this")
	ErrBlocked      = errors.New("auth: personal access token: of a user who may not act")
	ErrNoPermission = errors.New("auth: personal access token: of no administrator")
)

// PersonalTokens finds personal access tokens.
type PersonalTokens interface {
	// LoadPersonalToken returns the zero value when no token has the digest (gitlab.TokenDigest).
	LoadPersonalToken(ctx context.Context, digest string) (gitlab.PersonalAccess, error)
}

// Administrator lets in administrators with a personal access token of the scope "api". It is safe for concurrent use.
type Administrator struct {
	tokens PersonalTokens
	now    func() time.Time
}

// NewAdministrator returns a verifier on the tokens there are.
func NewAdministrator(tokens PersonalTokens, now func() time.Time) *Administrator {
	return &Administrator{tokens: tokens, now: now}
}

// Authenticate returns nil for an administrator's token, one of this package's errors for any other, and what the tokens
// could not be asked for. To read, the scope "read_api" is enough.
func (a *Administrator) Authenticate(ctx context.Context, r *http.Request) error {
	given := personalToken(r)
	if given == "" || len(given) > longestToken {
		return ErrNoToken
	}
	found, err := a.tokens.LoadPersonalToken(ctx, gitlab.TokenDigest(given))
	if err != nil {
		return err
	}
	return a.judge(&found, r.Method == http.MethodGet)
}

// personalToken returns the token from where clients put it: two headers and a parameter of the query.
func personalToken(r *http.Request) string {
	if token := r.Header.Get("Private-Token"); token != "" {
		return token
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return r.URL.Query().Get("private_token")
}

func (a *Administrator) judge(p *gitlab.PersonalAccess, reads bool) error {
	switch token := p.Token; {
	case token == nil || p.User == nil:
		return ErrNoToken
	case token.Revoked:
		return ErrRevoked
	case token.ExpiresAt != "" && token.ExpiresAt <= gitlab.DateOf(a.now()):
		return ErrExpired
	case !slices.Contains(token.Scopes, "api") && (!reads || !slices.Contains(token.Scopes, "read_api")):
		return ErrScope
	case !p.User.Active():
		return ErrBlocked
	case !p.User.Admin:
		return ErrNoPermission
	}
	return nil
}
