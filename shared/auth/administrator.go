package auth

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"postern/shared/gitlab"
)

// PersonalTokens loads personal access tokens with their users.
type PersonalTokens interface {
	// LoadPersonalToken returns the zero value for an unknown digest (gitlab.TokenDigest).
	LoadPersonalToken(ctx context.Context, digest string) (gitlab.PersonalAccess, error)
}

// Administrator verifies personal access tokens of administrators with the scope "api". It is safe for concurrent use.
type Administrator struct {
	tokens PersonalTokens
	now    func() time.Time
}

// NewAdministrator returns a verifier for the tokens.
func NewAdministrator(tokens PersonalTokens, now func() time.Time) *Administrator {
	return &Administrator{tokens: tokens, now: now}
}

// Authenticate returns nil for an administrator's token, one of this package's errors for an invalid one, and the error of
// PersonalTokens if that fails. The scope "read_api" suffices for GET.
func (a *Administrator) Authenticate(ctx context.Context, r *http.Request) error {
	_, err := a.Identify(ctx, PersonalToken(r), r.Method == http.MethodGet)
	return err
}

// Identify returns the administrator of a token; reads selects the weaker scope "read_api". It returns the errors of
// Authenticate.
func (a *Administrator) Identify(ctx context.Context, given string, reads bool) (*gitlab.User, error) {
	if given == "" || len(given) > longestToken {
		return nil, ErrNoToken
	}
	found, err := a.tokens.LoadPersonalToken(ctx, gitlab.TokenDigest(given))
	if err != nil {
		return nil, err
	}
	if err := a.check(&found, reads); err != nil {
		return nil, err
	}
	return found.User, nil
}

// PersonalToken returns the token from either of two headers or from the query, "" without one.
func PersonalToken(r *http.Request) string {
	if token := r.Header.Get("Private-Token"); token != "" {
		return token
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return r.URL.Query().Get("private_token")
}

func (a *Administrator) check(p *gitlab.PersonalAccess, reads bool) error {
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
