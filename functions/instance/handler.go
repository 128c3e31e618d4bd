// Package instance is the endpoint family that identifies the instance: GET /internal/check.
package instance

import (
	"cmp"
	"context"
	"net/http"
	"sync/atomic"

	"postern/shared/config"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/record"
)

// Store is the part of the table that the family uses.
type Store interface {
	LoadSettings(context.Context) (record.Settings, error)
}

// Deps are the dependencies of the family.
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
	known atomic.Pointer[known]
}

// known is the identity of the instance as the table had it last.
type known struct{ version, revision string }

// information is the answer of check. Clients read the store's health as redis. Gitaly and gitlab-shell read the revision
// under different names.
type information struct {
	APIVersion     string `json:"api_version"`
	GitLabVersion  string `json:"gitlab_version"`
	GitLabRev      string `json:"gitlab_rev"`
	GitLabRevision string `json:"gitlab_revision"`
	Redis          bool   `json:"redis"`
}

// check returns the version and whether the store is reachable (internal API, check). Its status is always 200. While the store
// is unreachable the version is the one of the last answer, or the build's before the first.
func (h *handler) check(ctx context.Context, _ *httpapi.Params) (httpapi.Response, error) {
	settings, err := h.store.LoadSettings(ctx)
	last := h.known.Load()
	switch {
	case err == nil:
		last = &known{settings.Version, settings.Revision}
		h.known.Store(last)
	case last == nil:
		last = &known{}
	}
	if err != nil {
		requestlog.From(ctx).SetCause(err)
	}
	revision := cmp.Or(last.revision, config.Revision)
	return httpapi.Response{Body: information{
		APIVersion:     "v4",
		GitLabVersion:  cmp.Or(last.version, config.GitLabVersion),
		GitLabRev:      revision,
		GitLabRevision: revision,
		Redis:          err == nil,
	}}, nil
}
