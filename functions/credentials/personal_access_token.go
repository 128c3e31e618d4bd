package credentials

import (
	"context"
	"errors"

	"postern/shared/credential"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store"
)

type personalAccessToken struct {
	Success   bool         `json:"success"`
	Token     string       `json:"token"`
	Scopes    []string     `json:"scopes"`
	ExpiresAt *gitlab.Date `json:"expires_at"` // null: never
}

// The refusals of personal access tokens.
var (
	deployKeyToken = &refusal{"deploy_key", "Deploy keys cannot be used to create personal access tokens"}
	notPermitted   = &refusal{"user_state", "Failed to create token: Not permitted to create"}
)

// personalAccessToken gives a person a new token (internal API, personal_access_token).
func (h *handler) personalAccessToken(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decode(ctx, p)
	w := decodeWish(p)
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

func (h *handler) refuseToken(q *query, w *wish, c *store.CredentialContext) *refusal {
	if c.Actor.DeployKey() {
		return deployKeyToken
	}
	if r := q.identified(c.Actor); r != nil {
		return r
	}
	if r := w.refuse(&c.Settings.Instance, gitlab.DateOf(h.now())); r != nil {
		return r
	}
	if !c.Actor.User.Active() || c.Actor.User.UserType == gitlab.UserGhost {
		return notPermitted
	}
	return h.expired(c.Actor)
}

// giveToken makes a token, or the one that the same request was answered with before.
func (h *handler) giveToken(
	ctx context.Context, q *query, w *wish, c *store.CredentialContext,
) (string, *store.Handout, error) {
	if c.Handout != nil {
		return h.tokenAgain(ctx, q, c)
	}
	token, made, err := h.makeToken(ctx, q, w, c)
	if errors.Is(err, store.ErrConflict) {
		return h.tokenMeanwhile(ctx, q)
	}
	return token, made, err
}

func (h *handler) makeToken(
	ctx context.Context, q *query, w *wish, c *store.CredentialContext,
) (string, *store.Handout, error) {
	token, seal, err := h.mint.Token(ctx, q.request, c.Settings.PersonalAccessTokenPrefix)
	if err != nil {
		return "", nil, err
	}
	made := &store.Handout{
		Salt: seal.Salt, Proof: seal.Proof,
		ExpiresAt: w.expiry(&c.Settings.Instance, gitlab.DateOf(h.now())),
	}
	err = h.store.CreatePersonalToken(ctx, gitlab.PersonalAccessToken{
		UserID: c.Actor.User.ID, Name: w.name, Scopes: w.scopes, ExpiresAt: made.ExpiresAt,
		Digest: gitlab.TokenDigest(token),
	}, q.request, *made)
	return token, made, err
}

// errVanished says that neither this request nor its repeat has made what is asked for: the user was removed just now.
var errVanished = errors.New("credentials: nothing was made")

// tokenMeanwhile answers after the same request, arriving twice at once, has made its token.
func (h *handler) tokenMeanwhile(ctx context.Context, q *query) (string, *store.Handout, error) {
	c, err := h.load(ctx, q, false)
	if err != nil {
		return "", nil, err
	}
	if c.Handout == nil {
		return "", nil, errVanished
	}
	return h.tokenAgain(ctx, q, &c)
}

func (h *handler) tokenAgain(ctx context.Context, q *query, c *store.CredentialContext) (string, *store.Handout, error) {
	token, err := h.mint.TokenAgain(ctx, q.request, c.Settings.PersonalAccessTokenPrefix, seal(c.Handout))
	return token, c.Handout, err
}

// seal is what a credential is made again from.
func seal(h *store.Handout) credential.Seal { return credential.Seal{Salt: h.Salt, Proof: h.Proof} }

func present(token string, scopes []string, expires gitlab.Date) personalAccessToken {
	body := personalAccessToken{Success: true, Token: token, Scopes: scopes}
	if expires != "" {
		body.ExpiresAt = &expires
	}
	return body
}
