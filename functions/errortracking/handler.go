// Package errortracking is the endpoint family that tells the error-tracking service whether a project takes errors:
// POST /internal/error_tracking/allowed.
package errortracking

import (
	"context"
	"net/http"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/lookup"
)

// Store is what the family asks of the table.
type Store interface {
	LoadErrorTrackingContext(ctx context.Context, project gitlab.ID) (lookup.ErrorTrackingContext, error)
}

// Deps are what the family works with.
type Deps struct {
	Store Store
	Shell httpapi.Authenticator // verifies gitlab-shell's token, which the internal API's documentation shows
	HTTP  httpapi.Options
}

// Routes returns the family's route table.
func Routes(d Deps) []httpapi.Route {
	h := &handler{store: d.Store}
	return []httpapi.Route{{
		Method: http.MethodPost, Path: "/internal/error_tracking/allowed",
		Auth: either{shell: d.Shell, store: d.Store}, Handler: h.allowed,
	}}
}

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family = "errortracking"
	return httpapi.New(Routes(d), d.HTTP)
}

type handler struct {
	store Store
}

// unprocessable answers a request that names no project or no key (internal API, common replies).
var unprocessable = httpapi.Response{
	Status: http.StatusUnprocessableEntity, Body: map[string]string{"message": "422 Unprocessable Entity"},
}

// unknown answers for a project that is not there.
var unknown = httpapi.Response{Status: http.StatusNotFound, Body: map[string]string{"message": "404 Not found"}}

// allowed answers whether a client key of a project may report errors (internal API, error_tracking/allowed).
func (h *handler) allowed(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	project, _ := p.Text("project_id")
	id, _ := p.ID("project_id")
	key, _ := p.Text("public_key")
	if err := p.Err(); err != nil {
		return httpapi.Response{}, err
	}
	if strings.TrimSpace(project) == "" || strings.TrimSpace(key) == "" {
		return unprocessable, nil
	}
	found, err := h.load(ctx, id)
	if err != nil {
		return httpapi.Response{}, err
	}
	if found.Project == nil {
		return unknown, nil
	}
	requestlog.From(ctx).SetContainer(gitlab.Repository{Kind: gitlab.ProjectRepository, ID: id}.String())
	return httpapi.Response{Body: map[string]bool{"enabled": enabled(found, key)}}, nil
}

// load takes what the authentication has loaded, or loads it.
func (h *handler) load(ctx context.Context, project gitlab.ID) (*lookup.ErrorTrackingContext, error) {
	if found, ok := ctx.Value(loaded{}).(*lookup.ErrorTrackingContext); ok {
		return found, nil
	}
	found, err := h.store.LoadErrorTrackingContext(ctx, project)
	return &found, err
}

func enabled(c *lookup.ErrorTrackingContext, key string) bool {
	if !c.Settings.ErrorTrackingEnabled {
		return false
	}
	for _, k := range c.Project.ErrorTrackingKeys {
		if k.Active && k.PublicKey == key {
			return true
		}
	}
	return false
}
