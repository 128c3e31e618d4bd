// Package lfs is the endpoint family that authenticates LFS clients over SSH: POST /internal/lfs_authenticate. Permissions
// are checked before by gitaccess and afterwards by the LFS server.
package lfs

import (
	"context"
	"io"
	"net/http"
	"time"

	"postern/shared/credential"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/lookup"
)

// Store is the part of the table that the family uses.
type Store interface {
	LoadLFSContext(context.Context, lookup.LFSQuery) (lookup.LFSContext, error)
	TouchKey(context.Context, *gitlab.Key) error
}

// Deps are the dependencies of the family.
type Deps struct {
	Store  Store
	Shell  httpapi.Authenticator // verifies gitlab-shell
	Tokens credential.KeySource  // provides the keys for tokens
	Now    func() time.Time
	Random io.Reader
	HTTP   httpapi.Options
}

// Routes returns the family's route table.
func Routes(d Deps) []httpapi.Route {
	h := &handler{store: d.Store, signer: credential.NewLFS(d.Tokens, d.Now, d.Random)}
	return []httpapi.Route{
		{Method: http.MethodPost, Path: "/internal/lfs_authenticate", Auth: d.Shell, Handler: h.authenticate},
	}
}

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family = "lfs"
	return httpapi.New(Routes(d), d.HTTP)
}

type handler struct {
	store  Store
	signer *credential.LFS
}

// login is the answer that gitlab-shell passes to the LFS client.
type login struct {
	Username           string `json:"username"`
	LFSToken           string `json:"lfs_token"`
	RepositoryHTTPPath string `json:"repository_http_path"`
	ExpiresIn          int64  `json:"expires_in"` // seconds
}

// unknownActor answers an unknown actor. Its spelling differs from the answer for a missing repository, as in GitLab
// (internal API, common replies).
var unknownActor = httpapi.Response{Status: http.StatusNotFound, Body: map[string]string{"message": "404 Not found"}}

// authenticate returns the URL of the LFS server and a token for it. It checks only that the repository and the actor
// exist (internal API, lfs_authenticate).
func (h *handler) authenticate(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decode(ctx, p)
	if err != nil {
		return httpapi.Response{}, err
	}
	found, err := h.store.LoadLFSContext(ctx, q)
	if err != nil {
		return httpapi.Response{}, err
	}
	line := requestlog.From(ctx)
	switch {
	case !servesLFS(found.Container):
		line.SetDecision("denied", "container")
		return httpapi.Response{}, httpapi.NotFound("")
	case credential.LFSLogin(found.Actor) == "":
		line.SetDecision("denied", "actor")
		return unknownActor, nil
	}
	line.SetContainer(found.Container.Repository.String())
	line.SetDecision("allowed", "")
	if found.Actor.Key != nil {
		line.SetCause(h.store.TouchKey(ctx, found.Actor.Key)) // a failure is only logged
	}
	return h.present(ctx, &found)
}

func decode(ctx context.Context, p *httpapi.Params) (lookup.LFSQuery, error) {
	q := lookup.LFSQuery{Actor: httpapi.Actor(p)}
	operation, _ := p.Text("operation")
	project, byPath := p.Text("project")
	glRepository, byID := p.Text("gl_repository")
	if err := p.Err(); err != nil {
		return q, err
	}
	line := requestlog.From(ctx)
	line.SetActor(q.Actor.String())
	line.SetAction(operation)
	switch {
	case byID:
		repository, err := gitlab.ParseRepository(glRepository)
		if err != nil {
			return q, httpapi.BadRequest("gl_repository is malformed")
		}
		q.Repository = &repository
		line.SetContainer(glRepository)
	case byPath:
		q.Path = gitlab.CleanPath(project)
		line.SetContainer(q.Path)
	default:
		return q, httpapi.BadRequest("project or gl_repository is missing")
	}
	return q, nil
}

// servesLFS reports whether the repository stores LFS objects: it must be a project's, with LFS enabled.
func servesLFS(c *gitlab.Container) bool {
	return c != nil && c.Project != nil && c.Snippet == nil && c.Project.LFSEnabled
}

func (h *handler) present(ctx context.Context, c *lookup.LFSContext) (httpapi.Response, error) {
	ttl := c.Settings.LFSTokenTTL
	token, err := h.signer.Sign(ctx, c.Actor, time.Duration(ttl)*time.Second)
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.Response{Body: login{
		Username:           credential.LFSLogin(c.Actor),
		LFSToken:           token,
		RepositoryHTTPPath: c.Settings.HTTPCloneURL(c.Container.FullPath()),
		ExpiresIn:          ttl,
	}}, nil
}
