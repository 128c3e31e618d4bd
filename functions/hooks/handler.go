package hooks

import (
	"context"
	"net/http"
	"time"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/audit"
	"postern/shared/store/pushes"
	"postern/shared/store/record"
)

// Store is what the family asks of the table. Errors that say Unavailable become 503, but for pre_receive.
type Store interface {
	BeginLease(ctx context.Context, repository, requestID string) error
	EndLease(ctx context.Context, ended pushes.EndedLease, requestID string) error
	LoadPostContext(context.Context, pushes.PostQuery) (pushes.PostContext, error)
	ReserveMergeRequest(ctx context.Context, pair record.MergeRequestPair) (gitlab.ID, error)
	// AcceptPush returns the messages of the first time, with again, for a push that is in the outbox already.
	AcceptPush(context.Context, *pushes.AcceptedPush) (messages []pushes.PushMessage, again bool, err error)
	LoadRepository(context.Context, gitlab.Repository) (record.Settings, *gitlab.Container, error)
	KeepAuditEvent(context.Context, audit.AuditEvent) error
}

// Deps are what the family works with.
type Deps struct {
	Store Store
	Shell httpapi.Authenticator // verifies gitlab-shell and Gitaly
	Now   func() time.Time
	HTTP  httpapi.Options
}

// Routes returns the family's route table.
func Routes(d Deps) []httpapi.Route {
	h := &handler{store: d.Store, now: d.Now}
	return []httpapi.Route{
		{Method: http.MethodPost, Path: "/internal/pre_receive", Auth: d.Shell, Handler: h.preReceive},
		{Method: http.MethodPost, Path: "/internal/post_receive", Auth: d.Shell, Handler: h.postReceive},
		{Method: http.MethodPost, Path: "/internal/shellhorse/git_audit_event", Auth: d.Shell, Handler: h.gitAuditEvent},
	}
}

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family = "hooks"
	return httpapi.New(Routes(d), d.HTTP)
}

type handler struct {
	store Store
	now   func() time.Time
}

// increased is what Gitaly reads: false refuses the push (internal API, pre_receive).
type increased struct {
	Increased bool `json:"reference_counter_increased"`
}

// preReceive notes that a push to a repository begins. The repository is not looked up, and what cannot be noted refuses
// the push instead of failing.
func (h *handler) preReceive(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	repository, _ := p.Text("gl_repository")
	if err := p.Err(); err != nil {
		return httpapi.Response{}, err
	}
	if repository == "" {
		return httpapi.Response{}, httpapi.BadRequest("gl_repository is missing")
	}
	line := requestlog.From(ctx)
	line.SetContainer(repository)
	err := h.store.BeginLease(ctx, repository, p.CallerID())
	line.SetCause(err)
	return httpapi.Response{Body: increased{err == nil}}, nil
}
