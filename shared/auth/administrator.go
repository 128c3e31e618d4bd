package auth

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"postern/shared/gitlab"
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
	_, err := a.Who(ctx, PersonalToken(r), r.Method == http.MethodGet)
	return err
}

// Who returns the administrator whose token was given, to read only or to change something, too. Its errors are those of
// Authenticate.
func (a *Administrator) Who(ctx context.Context, given string, reads bool) (*gitlab.User, error) {
	if given == "" || len(given) > longestToken {
		return nil, ErrNoToken
	}
	found, err := a.tokens.LoadPersonalToken(ctx, gitlab.TokenDigest(given))
	if err != nil {
		return nil, err
	}
	if err := a.judge(&found, reads); err != nil {
		return nil, err
	}
	return found.User, nil
}

// PersonalToken returns the token from where clients put it: two headers and a parameter of the query. It is "" when there
// is none.
func PersonalToken(r *http.Request) string {
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
