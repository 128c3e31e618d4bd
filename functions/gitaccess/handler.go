package gitaccess

import (
	"context"
	"net/http"
	"time"

	"postern/shared/access"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/lookup"
	"postern/shared/store/pushes"
)

// Store is the part of the table that the family uses. Unavailable errors become 503.
type Store interface {
	LoadPushContext(context.Context, lookup.PushQuery) (lookup.PushContext, error)
	Throttled(ctx context.Context, scope string, limit int64) (bool, error)
	UsedUp(ctx context.Context, scopes []string, limit int64) (bool, error) // the same without counting
	// CreateProject returns store.ErrConflict when the path is taken.
	CreateProject(context.Context, pushes.NewProject) (*gitlab.Container, error)
	CheckProjectLimit(context.Context, pushes.NewProject) error // store.ErrLimit, as from CreateProject
	// RepositoriesMade notes which repositories of a project the storage has.
	RepositoriesMade(ctx context.Context, project gitlab.ID, made pushes.Repositories) error
	TouchKey(context.Context, *gitlab.Key) error
	TouchUser(context.Context, *gitlab.User) error
	// LoadProtectedTips returns the commits that the branches covered by rules point to.
	LoadProtectedTips(ctx context.Context, project gitlab.ID, rules []gitlab.ProtectedBranch) ([]string, error)
	KeepMessage(context.Context, gitlab.ID, gitlab.Repository, pushes.MessageKind, string) error
}

// Gitaly has the repositories; *gitaly.Client implements it. Its errors are Unavailable.
type Gitaly interface {
	Ancestors(context.Context, gitlab.Storage, gitaly.Repository, []gitaly.Pair) ([]bool, error)
	// CreateRepository succeeds for a repository that exists.
	CreateRepository(ctx context.Context, server gitlab.Storage, repo gitaly.Repository, branch string) error
	// DefaultBranch returns "" for a repository without branches.
	DefaultBranch(ctx context.Context, server gitlab.Storage, repo gitaly.Repository) (string, error)
}

// Deps are the dependencies of the family.
type Deps struct {
	Store  Store
	Gitaly Gitaly
	Shell  httpapi.Authenticator // verifies gitlab-shell and Gitaly
	Admin  httpapi.Authenticator // verifies an administrator's personal access token
	Now    func() time.Time
	HTTP   httpapi.Options
}

// Routes returns the family's route table.
func Routes(d Deps) []httpapi.Route {
	h := &handler{store: d.Store, gitaly: d.Gitaly, now: d.Now}
	return []httpapi.Route{
		{Method: http.MethodPost, Path: "/internal/allowed", Auth: d.Shell, Handler: h.allowed},
		{Method: http.MethodPost, Path: "/internal/allowed/explain", Auth: both{d.Shell, d.Admin}, Handler: h.explain},
	}
}

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family = "gitaccess"
	return httpapi.New(Routes(d), d.HTTP)
}

type handler struct {
	store  Store
	gitaly Gitaly
	now    func() time.Time
}

// allowed decides whether an actor may run a git command on a repository, and names its storage (internal API, allowed).
func (h *handler) allowed(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decode(p)
	if err != nil {
		return httpapi.Response{}, err
	}
	note(ctx, q)
	loaded, err := h.store.LoadPushContext(ctx, q.push())
	if err != nil {
		return h.failed(ctx, "load", nil, err)
	}
	r := q.facts(&loaded, h.now)
	r.RateLimited = h.throttled(ctx, q, &loaded)
	decision, err := h.decide(ctx, q, &loaded, r)
	if err == nil && decision.Outcome == access.CreateProject {
		decision, err = h.create(ctx, q, &loaded, r)
	}
	if err != nil {
		return h.failed(ctx, "history", decision.Trail, err)
	}
	if decision.Outcome == access.TimedOut {
		return h.failed(ctx, decision.Failed, decision.Trail, context.DeadlineExceeded)
	}
	logDecision(ctx, r, &decision)
	if decision.Outcome == access.Allowed && q.announces() {
		h.note(ctx, h.makeRepositories(ctx, &loaded.Settings, r.Container))
	}
	h.keep(ctx, q, r, &decision)
	return reply(&loaded.Settings, r, &decision), nil
}

// note adds the request to its log record, before anything can fail.
func note(ctx context.Context, q *query) {
	line := requestlog.From(ctx)
	line.SetActor(q.actor.String())
	line.SetContainer(q.target())
	line.SetAction(q.action)
}

// logDecision adds the decision to the request's log record.
func logDecision(ctx context.Context, r *access.Request, d *access.Decision) {
	line := requestlog.From(ctx)
	if r.Container != nil {
		line.SetContainer(r.Container.Repository.String())
	}
	outcome := "denied"
	if d.Outcome == access.Allowed {
		outcome = "allowed"
	}
	line.SetDecision(outcome, d.Failed)
	line.SetTrail(d.Trail)
}
