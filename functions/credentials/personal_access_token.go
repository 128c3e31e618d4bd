package credentials

import (
	"context"
	"errors"

	"postern/shared/credential"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/credentials"
	"postern/shared/table"
)

type personalAccessToken struct {
	Success   bool         `json:"success"`
	Token     string       `json:"token"`
	Scopes    []string     `json:"scopes"`
	ExpiresAt *gitlab.Date `json:"expires_at"` // null: never
}

// Rejections of personal access tokens.
var (
	deployKeyToken = &refusal{"deploy_key", "Deploy keys cannot be used to create personal access tokens"}
	notPermitted   = &refusal{"user_state", "Failed to create token: Not permitted to create"}
)

// personalAccessToken creates a token for a user (internal API, personal_access_token).
func (h *handler) personalAccessToken(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decode(ctx, p)
	w := decodeTokenRequest(p)
	if err = errors.Join(p.Err(), err); err != nil {
		return httpapi.Response{}, err
	}
	c, err := h.load(ctx, &q, false)
	if err != nil {
		return httpapi.Response{}, err
	}
	if r := h.refuseToken(&q, &w, &c); r != nil {
		return refuse(ctx, r)
	}
	token, made, err := h.giveToken(ctx, &q, &w, &c)
	if err != nil {
		return httpapi.Response{}, err
	}
	return granted(ctx, present(token, w.scopes, made.ExpiresAt))
}

func (h *handler) refuseToken(q *query, w *tokenRequest, c *credentials.CredentialContext) *refusal {
	if c.Actor.DeployKey() {
		return deployKeyToken
	}
	if r := q.refuseUnknown(c.Actor); r != nil {
		return r
	}
	if r := w.refuse(&c.Settings.Instance, gitlab.DateOf(h.now())); r != nil {
		return r
	}
	if !c.Actor.User.Active() || c.Actor.User.UserType == gitlab.UserGhost {
		return notPermitted
	}
	return h.refuseExpired(c.Actor)
}

// giveToken creates a token, or repeats the token of a repeated request.
func (h *handler) giveToken(
	ctx context.Context, q *query, w *tokenRequest, c *credentials.CredentialContext,
) (string, *credentials.Handout, error) {
	if c.Handout != nil {
		return h.repeatToken(ctx, q, c)
	}
	token, made, err := h.makeToken(ctx, q, w, c)
	if errors.Is(err, table.ErrConflict) {
		return h.tokenMeanwhile(ctx, q)
	}
	return token, made, err
}

func (h *handler) makeToken(
	ctx context.Context, q *query, w *tokenRequest, c *credentials.CredentialContext,
) (string, *credentials.Handout, error) {
	token, seal, err := h.mint.Token(ctx, q.request, c.Settings.PersonalAccessTokenPrefix)
	if err != nil {
		return "", nil, err
	}
	made := &credentials.Handout{
		Salt: seal.Salt, Proof: seal.Proof,
		ExpiresAt: w.expiry(&c.Settings.Instance, gitlab.DateOf(h.now())),
	}
	err = h.store.CreatePersonalToken(ctx, gitlab.PersonalAccessToken{
		UserID: c.Actor.User.ID, Name: w.name, Scopes: w.scopes, ExpiresAt: made.ExpiresAt,
		Digest: gitlab.TokenDigest(token),
	}, q.request, *made)
	return token, made, err
}

// errVanished reports that neither this request nor its repeat could create the token, because the user was removed.
var errVanished = errors.New("credentials: the user was removed meanwhile")

// tokenMeanwhile answers after a concurrent repeat has created the token.
func (h *handler) tokenMeanwhile(ctx context.Context, q *query) (string, *credentials.Handout, error) {
	c, err := h.load(ctx, q, false)
	if err != nil {
		return "", nil, err
	}
	if c.Handout == nil {
		return "", nil, errVanished
	}
	return h.repeatToken(ctx, q, &c)
}

func (h *handler) repeatToken(ctx context.Context, q *query, c *credentials.CredentialContext) (string, *credentials.Handout, error) {
	token, err := h.mint.RepeatToken(ctx, q.request, c.Settings.PersonalAccessTokenPrefix, seal(c.Handout))
	return token, c.Handout, err
}

// seal returns the stored part of a credential.
func seal(h *credentials.Handout) credential.Seal {
	return credential.Seal{Salt: h.Salt, Proof: h.Proof}
}

func present(token string, scopes []string, expires gitlab.Date) personalAccessToken {
	body := personalAccessToken{Success: true, Token: token, Scopes: scopes}
	if expires != "" {
		body.ExpiresAt = &expires
	}
	return body
}
