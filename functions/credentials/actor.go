package credentials

import (
	"context"

	"postern/shared/auth"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/credentials"
)

// refusal is the reason of a rejection. The log gets only its check, because messages can repeat input.
type refusal struct {
	check   string
	message string
}

// failure is the answer to a rejected request. Its status is 200.
type failure struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitempty"`
}

// refuse answers and logs a rejection.
func refuse(ctx context.Context, r *refusal) (httpapi.Response, error) {
	requestlog.From(ctx).SetDecision("denied", r.check)
	return httpapi.Response{Body: failure{Message: r.message}}, nil
}

// granted answers and logs a success.
func granted(ctx context.Context, body any) (httpapi.Response, error) {
	requestlog.From(ctx).SetDecision("allowed", "")
	return httpapi.Response{Body: body}, nil
}

// Rejections of the actor (internal API, two_factor_recovery_codes and personal_access_token).
var (
	noUser     = &refusal{"user", "Could not find the given user"}
	noKey      = &refusal{"key", "Could not find the given key"}
	noOwner    = &refusal{"owner", "Could not find a user for the given key"}
	keyExpired = &refusal{"key_expired", "Your SSH key has expired."}
)

// query identifies the actor and the request.
type query struct {
	actor    gitlab.ActorRef
	byUserID bool
	request  string // fingerprint
}

// decode reads the actor: a key, or else a user by id for logins by certificate. Other identifiers are ignored, because
// they do not prove a login.
func decode(ctx context.Context, p *httpapi.Params) (query, error) {
	var q query
	key, byKey := p.ID("key_id")
	user, byUser := p.ID("user_id")
	switch {
	case byKey:
		q.actor = gitlab.ActorRef{Kind: gitlab.ByKey, ID: key}
	case byUser:
		q.actor = gitlab.ActorRef{Kind: gitlab.ByUser, ID: user}
	}
	q.byUserID = byUser
	requestlog.From(ctx).SetActor(q.actor.String())
	var err error
	q.request, err = p.Fingerprint(auth.Shell.Header())
	return q, err
}

// load loads the context of a request and records the use of the key.
func (h *handler) load(ctx context.Context, q *query, signIn bool) (credentials.CredentialContext, error) {
	c, err := h.store.LoadCredentialContext(ctx, credentials.CredentialQuery{Actor: q.actor, Request: q.request, SignIn: signIn})
	if err == nil && c.Actor.Key != nil {
		requestlog.From(ctx).SetCause(h.store.TouchKey(ctx, c.Actor.Key)) // a failure is only logged
	}
	return c, err
}

// refuseUnknown rejects an unknown actor. An unknown user id precedes rejections of the key.
func (q *query) refuseUnknown(a gitlab.Actor) *refusal {
	switch {
	case q.byUserID && a.User == nil:
		return noUser
	case a.Anonymous():
		return noKey
	case a.User == nil:
		return noOwner
	}
	return nil
}

// refuseExpired rejects an expired key. The login accepts such a key, so this is the only check before a credential.
func (h *handler) refuseExpired(a gitlab.Actor) *refusal {
	if a.Key != nil && a.Key.Expired(h.now()) {
		return keyExpired
	}
	return nil
}
