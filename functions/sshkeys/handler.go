package sshkeys

import (
	"context"
	"net/http"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/lookup"
)

// Store is the part of the table that the family uses.
type Store interface {
	LoadActor(context.Context, gitlab.ActorRef) (gitlab.Actor, error)
	// LoadKeyByFingerprint returns store.ErrNotFound if no key for logins has the fingerprint.
	LoadKeyByFingerprint(ctx context.Context, fingerprint string) (lookup.AuthorizedKey, error)
	LoadCertificateContext(context.Context, lookup.CertificateQuery) (lookup.CertificateContext, error)
}

// Deps are the dependencies of the family.
type Deps struct {
	Store Store
	Shell httpapi.Authenticator // verifies gitlab-shell
	HTTP  httpapi.Options
}

// Routes returns the family's route table.
func Routes(d Deps) []httpapi.Route {
	h := &handler{store: d.Store}
	return []httpapi.Route{
		{Method: http.MethodGet, Path: "/internal/authorized_keys", Auth: d.Shell, Handler: h.authorizedKeys},
		{Method: http.MethodGet, Path: "/internal/authorized_certs", Auth: d.Shell, Handler: h.authorizedCerts},
		{Method: http.MethodGet, Path: "/internal/discover", Auth: d.Shell, Handler: h.discover},
	}
}

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family = "sshkeys"
	return httpapi.New(Routes(d), d.HTTP)
}

type handler struct {
	store Store
}
