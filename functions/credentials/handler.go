// Package credentials is the endpoint family that gives people credentials over SSH, where their key has signed them in:
// recovery codes, personal access tokens, and sessions opened by one-time passwords. What it refuses is answered with 200,
// success false and a message.
package credentials

import (
	"context"
	"io"
	"net/http"
	"time"

	"postern/shared/credential"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store"
)

// Store is what the family asks of the table.
type Store interface {
	LoadCredentialContext(context.Context, store.CredentialQuery) (store.CredentialContext, error)
	// ReplaceRecoveryCodes and CreatePersonalToken return store.ErrConflict when the request was answered already, or
	// something else was made in the meantime.
	ReplaceRecoveryCodes(context.Context, store.NewRecoveryCodes) error
	CreatePersonalToken(ctx context.Context, t gitlab.PersonalAccessToken, request string, h store.Handout) error
	TakeOTPAttempt(context.Context, gitlab.ID, store.OTPState) (bool, error)
	// OpenOTPSession returns store.ErrConflict when the password was used before.
	OpenOTPSession(context.Context, store.OTPSuccess) error
	TouchKey(context.Context, *gitlab.Key) error
}

// Deps are what the family works with.
type Deps struct {
	Store  Store
	Shell  httpapi.Authenticator // verifies gitlab-shell
	Tokens credential.KeySource  // has the keys that credentials are made with
	Now    func() time.Time
	Random io.Reader
	HTTP   httpapi.Options
}

// Routes returns the family's route table. Recovery codes are documented with GET and asked for with POST.
func Routes(d Deps) []httpapi.Route {
	h := &handler{store: d.Store, mint: credential.NewMint(d.Tokens, d.Random), now: d.Now}
	const codes = "/internal/two_factor_recovery_codes"
	return []httpapi.Route{
		{Method: http.MethodGet, Path: codes, Auth: d.Shell, Handler: h.recoveryCodes},
		{Method: http.MethodPost, Path: codes, Auth: d.Shell, Handler: h.recoveryCodes},
		{Method: http.MethodPost, Path: "/internal/two_factor_config", Auth: d.Shell, Handler: h.config},
		{Method: http.MethodPost, Path: "/internal/two_factor_manual_otp_check", Auth: d.Shell, Handler: h.manualOTP},
		{Method: http.MethodPost, Path: "/internal/two_factor_push_otp_check", Auth: d.Shell, Handler: h.pushOTP},
		{Method: http.MethodPost, Path: "/internal/personal_access_token", Auth: d.Shell, Handler: h.personalAccessToken},
	}
}

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family = "credentials"
	return httpapi.New(Routes(d), d.HTTP)
}

type handler struct {
	store Store
	mint  *credential.Mint
	now   func() time.Time
}
