package credentials

import (
	"context"
	"errors"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/credentials"
	"postern/shared/table"
)

type recoveryCodes struct {
	Success       bool     `json:"success"`
	RecoveryCodes []string `json:"recovery_codes"`
}

// Rejections of recovery codes.
var (
	deployKeyCodes = &refusal{"deploy_key", "Deploy keys cannot be used to retrieve recovery codes"}
	twoFactorOff   = &refusal{"two_factor", "Two-factor authentication is not enabled for this user"}
	blocked        = &refusal{"user_state", "Your account has been blocked."}
	replaced       = &refusal{"replaced", "Newer recovery codes have been made for this user"}
)

// recoveryCodes creates ten new codes, which replace the old ones (internal API, two_factor_recovery_codes).
func (h *handler) recoveryCodes(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decode(ctx, p)
	if err = errors.Join(p.Err(), err); err != nil {
		return httpapi.Response{}, err
	}
	c, err := h.load(ctx, &q, true)
	if err != nil {
		return httpapi.Response{}, err
	}
	if r := h.refuseCodes(&q, c.Actor); r != nil {
		return refuse(ctx, r)
	}
	if c.Handout != nil {
		return h.repeatCodes(ctx, &q, &c)
	}
	codes, err := h.makeCodes(ctx, &q, &c)
	if errors.Is(err, table.ErrConflict) {
		return h.codesMeanwhile(ctx, &q)
	}
	if err != nil {
		return httpapi.Response{}, err
	}
	return granted(ctx, recoveryCodes{Success: true, RecoveryCodes: codes})
}

func (h *handler) refuseCodes(q *query, a gitlab.Actor) *refusal {
	switch r := q.refuseUnknown(a); {
	case r != nil:
		return r
	case a.DeployKey():
		return deployKeyCodes
	case !a.User.TwoFactorEnabled:
		return twoFactorOff
	case !a.User.Active():
		return blocked
	}
	return h.refuseExpired(a)
}

func (h *handler) makeCodes(ctx context.Context, q *query, c *credentials.CredentialContext) ([]string, error) {
	codes, seal, err := h.mint.Codes(ctx, q.request)
	if err != nil {
		return nil, err
	}
	digests := make([]string, len(codes))
	for i, code := range codes {
		digests[i] = gitlab.TokenDigest(code)
	}
	return codes, h.store.ReplaceRecoveryCodes(ctx, credentials.NewRecoveryCodes{
		User: c.Actor.User.ID, Digests: digests, Request: q.request, Replaces: c.Recovery.Request,
		Handout: credentials.Handout{Salt: seal.Salt, Proof: seal.Proof},
	})
}

// repeatCodes repeats an answer, unless newer codes have replaced its codes.
func (h *handler) repeatCodes(ctx context.Context, q *query, c *credentials.CredentialContext) (httpapi.Response, error) {
	if c.Recovery.Request != q.request {
		return refuse(ctx, replaced)
	}
	codes, err := h.mint.RepeatCodes(ctx, q.request, seal(c.Handout))
	if err != nil {
		return httpapi.Response{}, err
	}
	return granted(ctx, recoveryCodes{Success: true, RecoveryCodes: codes})
}

// codesMeanwhile answers after a conflict: either the same request arrived twice, or another request has created newer
// codes, which must stay valid.
func (h *handler) codesMeanwhile(ctx context.Context, q *query) (httpapi.Response, error) {
	c, err := h.load(ctx, q, true)
	if err != nil {
		return httpapi.Response{}, err
	}
	if c.Handout == nil {
		return refuse(ctx, replaced)
	}
	return h.repeatCodes(ctx, q, &c)
}
