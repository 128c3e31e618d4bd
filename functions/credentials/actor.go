package credentials

import (
	"context"

	"postern/shared/auth"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store"
)

// refusal is a reason why somebody gets nothing. Its check names it in the log, where messages could repeat what was sent.
type refusal struct {
	check   string
	message string
}

// failure is the answer to a refusal; its status is 200.
type failure struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitempty"`
}

// refuse answers and logs a refusal.
func refuse(ctx context.Context, r *refusal) (httpapi.Response, error) {
	requestlog.From(ctx).SetDecision("denied", r.check)
	return httpapi.Response{Body: failure{Message: r.message}}, nil
}

// granted answers what is given, and logs that.
func granted(ctx context.Context, body any) (httpapi.Response, error) {
	requestlog.From(ctx).SetDecision("allowed", "")
	return httpapi.Response{Body: body}, nil
}

// The refusals of who asks (internal API, two_factor_recovery_codes and personal_access_token).
var (
	noUser     = &refusal{"user", "Could not find the given user"}
	noKey      = &refusal{"key", "Could not find the given key"}
	noOwner    = &refusal{"owner", "Could not find a user for the given key"}
	keyExpired = &refusal{"key_expired", "Your SSH key has expired."}
)

// query is who asks, and which request it is.
type query struct {
	actor    gitlab.ActorRef
	byUserID bool
	request  string // fingerprint
}

// decode reads who asks: a key, or else a user by id, as logins by certificate do. The other ways of naming an actor are
// not for this family: whoever is only named has not been signed in.
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

// load reads what decides about a request, and writes down that the key was used.
func (h *handler) load(ctx context.Context, q *query, signIn bool) (store.CredentialContext, error) {
	c, err := h.store.LoadCredentialContext(ctx, store.CredentialQuery{Actor: q.actor, Request: q.request, SignIn: signIn})
	if err == nil && c.Actor.Key != nil {
		requestlog.From(ctx).SetCause(h.store.TouchKey(ctx, c.Actor.Key)) // changes no answer
	}
	return c, err
}

// identified refuses who is nobody. A user's id that finds nobody is said before anything about the key.
func (q *query) identified(a gitlab.Actor) *refusal {
	switch {
	case q.byUserID && a.User == nil:
		return noUser
	case a.Nobody():
		return noKey
	case a.User == nil:
		return noOwner
	}
	return nil
}

// expired refuses a key whose time is over. The login finds such a key, and nothing but this stands between it and a
// credential.
func (h *handler) expired(a gitlab.Actor) *refusal {
	if a.Key != nil && a.Key.Expired(h.now()) {
		return keyExpired
	}
	return nil
}
