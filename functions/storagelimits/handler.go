package storagelimits

import (
	"context"
	"net/http"

	"postern/shared/auth"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/audit"
	"postern/shared/store/limits"
)

// Store is what the family asks of the table.
type Store interface {
	auth.PersonalTokens
	LoadExclusionContext(ctx context.Context, namespace string) (limits.ExclusionContext, error)
	ListExclusions(ctx context.Context, offset, limit int) (limits.ExclusionPage, error)
	// CreateExclusion returns store.ErrConflict when the namespace is excluded already, or gone.
	CreateExclusion(ctx context.Context, namespace gitlab.ID, reason string, by audit.Author) (*gitlab.StorageLimitExclusion, error)
	// RemoveExclusion returns store.ErrConflict when the exclusion is not what was loaded any more.
	RemoveExclusion(ctx context.Context, c *limits.ExclusionContext, by audit.Author) error
}

// Deps are what the family works with.
type Deps struct {
	Store Store
	HTTP  httpapi.Options
}

// listPath is also what the links between pages lead to.
const (
	listPath = "/namespaces/storage/limit_exclusions"
	onePath  = "/namespaces/:id/storage/limit_exclusion"
)

// Routes returns the family's route table.
func Routes(d Deps) []httpapi.Route {
	h := &handler{store: d.Store}
	lock := administrator{auth.NewAdministrator(d.Store, d.HTTP.Now)}
	return []httpapi.Route{
		{Method: http.MethodGet, Path: listPath, Auth: lock, Handler: h.list},
		{Method: http.MethodPost, Path: onePath, Auth: lock, Handler: h.create},
		{Method: http.MethodDelete, Path: onePath, Auth: lock, Handler: h.remove},
	}
}

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family = "storagelimits"
	return httpapi.New(Routes(d), d.HTTP)
}

type handler struct {
	store Store
}

// exclusion is one as the API shows it.
type exclusion struct {
	ID            gitlab.ID `json:"id"`
	NamespaceID   gitlab.ID `json:"namespace_id"`
	NamespaceName string    `json:"namespace_name"`
	Reason        string    `json:"reason"`
}

func newExclusion(e *gitlab.StorageLimitExclusion, name string) exclusion {
	return exclusion{ID: e.ID, NamespaceID: e.NamespaceID, NamespaceName: name, Reason: e.Reason}
}

// Why a request is refused that an administrator has made.
var (
	errNotThisInstance = httpapi.Forbidden("this API is for GitLab.com only")
	errNoNamespace     = httpapi.NotFound("Namespace")
	errNotRoot         = httpapi.BadRequest("must use a root namespace")
	errAlready         = httpapi.BadRequest("already excluded")
	errNotExcluded     = httpapi.BadRequest("not excluded")
)

// judge returns why nothing can be said of a namespace, nil when it can be excluded or not.
func judge(c *limits.ExclusionContext) error {
	switch {
	case c.Namespace == nil:
		return errNoNamespace
	case c.Namespace.ParentID != nil:
		return errNotRoot
	}
	return nil
}
