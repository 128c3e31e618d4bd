// Package instance is the endpoint family that tells clients what they talk to: GET /internal/check.
package instance

import (
	"cmp"
	"context"
	"net/http"

	"postern/shared/config"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store"
)

// Store is what the family asks of the table.
type Store interface {
	LoadSettings(context.Context) (store.Settings, error)
}

// Deps are what the family works with.
type Deps struct {
	Store Store
	Shell httpapi.Authenticator // verifies gitlab-shell and Gitaly
	HTTP  httpapi.Options
}

// Routes returns the family's route table.
func Routes(d Deps) []httpapi.Route {
	h := &handler{store: d.Store}
	return []httpapi.Route{
		{Method: http.MethodGet, Path: "/internal/check", Auth: d.Shell, Handler: h.check},
	}
}

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family = "instance"
	return httpapi.New(Routes(d), d.HTTP)
}

type handler struct {
	store Store
}

// information is the answer of check. Redis is the name that clients know the health of the store by; Gitaly reads
// the revision under another name than gitlab-shell.
type information struct {
	APIVersion     string `json:"api_version"`
	GitLabVersion  string `json:"gitlab_version"`
	GitLabRev      string `json:"gitlab_rev"`
	GitLabRevision string `json:"gitlab_revision"`
	Redis          bool   `json:"redis"`
}

// check answers which version this is and whether the store can be reached (internal API, check). It answers 200
// either way.
func (h *handler) check(ctx context.Context, _ *httpapi.Params) (httpapi.Response, error) {
	settings, err := h.store.LoadSettings(ctx)
	if err != nil {
		requestlog.From(ctx).SetCause(err)
	}
	revision := cmp.Or(settings.Revision, config.Revision)
	return httpapi.Response{Body: information{
		APIVersion:     "v4",
		GitLabVersion:  cmp.Or(settings.Version, config.GitLabVersion),
		GitLabRev:      revision,
		GitLabRevision: revision,
		Redis:          err == nil,
	}}, nil
}
