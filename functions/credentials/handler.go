// Package credentials is the endpoint family for credentials over SSH, for users with a verified key. It provides recovery
// codes, personal access tokens, and sessions opened by one-time passwords. Rejections have status 200, success false and a
// message.
package credentials

import (
	"context"
	"io"
	"net/http"
	"time"

	"postern/shared/credential"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/credentials"
)

// Store is the part of the table that the family uses.
type Store interface {
	LoadCredentialContext(context.Context, credentials.CredentialQuery) (credentials.CredentialContext, error)
	// ReplaceRecoveryCodes and CreatePersonalToken return store.ErrConflict if the request was already answered or another
	// request was faster.
	ReplaceRecoveryCodes(context.Context, credentials.NewRecoveryCodes) error
	CreatePersonalToken(ctx context.Context, t gitlab.PersonalAccessToken, request string, h credentials.Handout) error
	TakeOTPAttempt(context.Context, gitlab.ID, credentials.OTPState) (bool, error)
	// OpenOTPSession returns store.ErrConflict for a used password.
	OpenOTPSession(context.Context, credentials.OTPSuccess) error
	TouchKey(context.Context, *gitlab.Key) error
}

// Deps are the dependencies of the family.
type Deps struct {
	Store  Store
	Shell  httpapi.Authenticator // verifies gitlab-shell
	Tokens credential.KeySource  // provides the keys for credentials
	Now    func() time.Time
	Random io.Reader
	HTTP   httpapi.Options
}

// Routes returns the family's route table. The documentation names GET for recovery codes, and gitlab-shell sends POST.
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
