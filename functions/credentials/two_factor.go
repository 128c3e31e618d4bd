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

type twoFactorConfig struct {
	Success           bool `json:"success"`
	TwoFactorRequired bool `json:"two_factor_required"`
}

// Rejections of one-time passwords (internal API, two_factor_manual_otp_check).
var (
	unlicensed   = &refusal{"license", "Feature is not available"}
	flagOff      = &refusal{"flag", "Feature flag is disabled"}
	unconfigured = &refusal{"flag", ""}
	deployKeyOTP = &refusal{"deploy_key", "Deploy keys cannot be used for Two Factor"}
	locked       = &refusal{"locked", "Your account is locked"}
	wrongOTP     = &refusal{"otp", "Invalid OTP"}
)

// config returns whether the user needs a second factor (internal API, two_factor_config).
func (h *handler) config(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decode(ctx, p)
	if err = errors.Join(p.Err(), err); err != nil {
		return httpapi.Response{}, err
	}
	c, err := h.load(ctx, &q, false)
	if err != nil {
		return httpapi.Response{}, err
	}
	if !c.Settings.TwoFactorForCLI {
		return refuse(ctx, unconfigured)
	}
	if r := q.refuseUnknown(c.Actor); r != nil {
		return refuse(ctx, r)
	}
	return granted(ctx, twoFactorConfig{Success: true, TwoFactorRequired: !c.Actor.DeployKey() && c.Actor.User.TwoFactorEnabled})
}

// pushOTP always rejects, because there is no service for push confirmations. gitlab-shell calls it beside the password
// prompt, and a success would log in anyone with the key.
func (h *handler) pushOTP(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decode(ctx, p)
	if err = errors.Join(p.Err(), err); err != nil {
		return httpapi.Response{}, err
	}
	c, err := h.load(ctx, &q, false)
	if err != nil {
		return httpapi.Response{}, err
	}
	if r := refuseOTP(&q, &c); r != nil {
		return refuse(ctx, r)
	}
	return refuse(ctx, wrongOTP)
}

// manualOTP checks a one-time password and opens the key's session (internal API, two_factor_manual_otp_check).
func (h *handler) manualOTP(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decode(ctx, p)
	attempt, _ := p.Text("otp_attempt")
	if err = errors.Join(p.Err(), err); err != nil {
		return httpapi.Response{}, err
	}
	c, err := h.load(ctx, &q, true)
	if err != nil {
		return httpapi.Response{}, err
	}
	r := refuseOTP(&q, &c)
	switch {
	case r != nil:
	case c.OTP.Request == q.request: // a repeat after a lost answer
	case c.OTP.Locked(h.now()):
		r = locked
	default:
		r, err = h.tryOTP(ctx, &q, &c, attempt)
	}
	switch {
	case err != nil:
		return httpapi.Response{}, err
	case r != nil:
		return refuse(ctx, r)
	}
	return granted(ctx, failure{Success: true})
}

// refuseOTP returns the reason why a password cannot be tried.
func refuseOTP(q *query, c *credentials.CredentialContext) *refusal {
	switch {
	case !c.Settings.Licensed():
		return unlicensed
	case !c.Settings.TwoFactorForCLI:
		return flagOff
	}
	switch r := q.refuseUnknown(c.Actor); {
	case r != nil:
		return r
	case c.Actor.DeployKey():
		return deployKeyOTP
	case !c.Actor.User.TwoFactorEnabled:
		return twoFactorOff
	}
	return nil
}

// tryOTP consumes one of the remaining attempts before it checks the password.
func (h *handler) tryOTP(ctx context.Context, q *query, c *credentials.CredentialContext, attempt string) (*refusal, error) {
	user := c.Actor.User
	left, err := h.store.TakeOTPAttempt(ctx, user.ID, c.OTP)
	switch {
	case err != nil:
		return nil, err
	case !left:
		return locked, nil
	case user.OTPSecret == nil:
		return wrongOTP, nil
	}
	step, right := credential.OneTimeStep(*user.OTPSecret, attempt, h.now())
	if !right {
		return wrongOTP, nil
	}
	err = h.store.OpenOTPSession(ctx, credentials.OTPSuccess{User: user.ID, Key: keyOf(c.Actor), Step: step, Request: q.request})
	if errors.Is(err, table.ErrConflict) {
		return wrongOTP, nil
	}
	return nil, err
}

// keyOf returns the id of the login's key, 0 for none.
func keyOf(a gitlab.Actor) gitlab.ID {
	if a.Key == nil {
		return 0
	}
	return a.Key.ID
}
