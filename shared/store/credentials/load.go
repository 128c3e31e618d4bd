package credentials

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
)

// CredentialQuery asks for the records that decide on a credential.
type CredentialQuery struct {
	Actor   gitlab.ActorRef
	Request string // the request's fingerprint; "" when nothing is handed out
	SignIn  bool   // asks for recovery codes and one-time passwords, too
}

// CredentialContext is the result of LoadCredentialContext.
type CredentialContext struct {
	Settings record.Settings
	Actor    gitlab.Actor
	Handout  *Handout // the earlier answer to the same request; nil: it is new
	Recovery RecoveryState
	OTP      OTPState
}

// Handout is the note of an issued credential. It is kept for ten minutes, longer than a JWT is accepted, and a repeat with it.
type Handout struct {
	Salt      string      `json:"salt"`
	Proof     string      `json:"proof"`
	ExpiresAt gitlab.Date `json:"expires_at"` // of a personal access token
}

// RecoveryState names the request that made the user's recovery codes.
type RecoveryState struct {
	Request string `json:"request"`
}

// LoadCredentialContext reads all of it at one moment, in one round trip when the actor is known from earlier requests,
// else in two.
func (s *Credentials) LoadCredentialContext(ctx context.Context, q CredentialQuery) (CredentialContext, error) {
	v := s.newView()
	var loaded CredentialContext
	err := v.Resolve(ctx, func() bool {
		var known bool
		loaded, known = v.credentialContext(q)
		return known
	})
	return loaded, err
}

// credentialContext evaluates the query. Second factors are read only for a request that asks for them.
func (v *view) credentialContext(q CredentialQuery) (c CredentialContext, known bool) {
	settings, settingsKnown := v.Settings()
	actor, seems, actorKnown := v.Actor(q.Actor)
	c = CredentialContext{Settings: settings, Actor: actor}
	known = settingsKnown && actorKnown
	if q.Request != "" {
		var handoutKnown bool
		c.Handout, handoutKnown = lookup.Read[Handout](v.View, handoutKey(q.Request))
		known = known && handoutKnown
	}
	// For the remembered person, so that the first trip has it. The actor decides in the end.
	if user := seems.Person(); q.SignIn && user != 0 {
		recovery, recoveryKnown := lookup.Read[RecoveryState](v.View, recoveryKey(user))
		otp, otpKnown := lookup.Read[OTPState](v.View, otpKey(user))
		if recovery != nil {
			c.Recovery = *recovery
		}
		if otp != nil {
			c.OTP = *otp
		}
		known = known && recoveryKnown && otpKnown
	}
	return c, known
}
