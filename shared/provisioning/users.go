package provisioning

import (
	"context"
	"net/http"
	"time"

	"postern/shared/gitlab"
	"postern/shared/scim"
	"postern/shared/store/tenants"
	"postern/shared/table"
)

var (
	getUser     = task[tenants.SCIMUser]{(*service).loadUser, (*service).getUser}
	createUser  = task[tenants.SCIMNewcomer]{(*service).loadNewcomer, (*service).createUser}
	replaceUser = task[changing[tenants.SCIMUser]]{(*service).loadReplaced, (*service).changeUser}
	patchUser   = task[changing[tenants.SCIMUser]]{(*service).loadPatched, (*service).changeUser}
	deleteUser  = task[tenants.SCIMUser]{(*service).loadUser, (*service).deleteUser}
)

// changing is a resource with what is to be changed of it.
type changing[R any] struct {
	resource R
	change   scim.UserChange
	shows    bool // the resource is answered
}

// judged returns an error of the request, unless its token or tenant is not good: those are judged before.
func (s *service) judged(ctx context.Context, r *request, mistake error) error {
	if _, err := s.store.LoadSCIMTenant(ctx, r.access); err != nil {
		return err
	}
	return mistake
}

func (s *service) loadUser(ctx context.Context, r *request) (tenants.SCIMUser, error) {
	return s.store.LoadSCIMUser(ctx, r.access, r.id)
}

// getUser answers one user (internal API, get a single SCIM provisioned user). One that was deleted is not there.
func (s *service) getUser(_ context.Context, r *request, u tenants.SCIMUser) (reply, error) {
	projection, err := scim.ReadProjection(r.values)
	switch {
	case err != nil:
		return reply{}, err
	case u.Identity.Deleted:
		return reply{}, table.ErrNotFound
	case r.when.Known(u.Version):
		return reply{status: http.StatusNotModified, version: scim.ETag(u.Version)}, nil
	}
	return showUser(http.StatusOK, &u, projection), nil
}

// showUser answers with a user's resource.
func showUser(status int, u *tenants.SCIMUser, p scim.Projection) reply {
	at := base(&u.Tenant)
	resource := present(u).Resource(at)
	return reply{
		status: status, resource: p.Apply(resource), id: u.Identity.ExternUID,
		location: scim.Location(at, scim.Users, u.Identity.ExternUID), version: scim.ETag(u.Version),
	}
}

// present returns the user as the protocol has it.
func present(u *tenants.SCIMUser) *scim.User {
	return &scim.User{
		UID: u.Identity.ExternUID, Username: u.User.Username, Name: u.User.Name, Email: u.User.Email, Active: u.Active(),
		Created: moment(u.Identity.CreatedAt), Modified: moment(u.Identity.UpdatedAt), Version: u.Version,
	}
}

// moment is a time that may not be known: then it is zero.
func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (s *service) loadNewcomer(ctx context.Context, r *request) (tenants.SCIMNewcomer, error) {
	given, err := scim.ReadNewUser(r.values)
	if err == nil && !gitlab.EmailForm(given.Email) {
		err = scim.Bad(scim.InvalidValue, "emails has no valid address")
	}
	if err != nil {
		return tenants.SCIMNewcomer{}, s.judged(ctx, r, err)
	}
	return s.store.LoadSCIMNewcomer(ctx, r.access, tenants.NewSCIMUser{
		ExternUID: given.UID, Username: given.Username, Email: given.Email, Name: given.Name, Active: given.Active,
	})
}

// createUser provisions a user: a new one, or one who is there already, or who comes back (internal API, create a SCIM
// provisioned user). All of them are answered with 201.
func (s *service) createUser(ctx context.Context, r *request, n tenants.SCIMNewcomer) (reply, error) {
	projection, err := scim.ReadProjection(r.values)
	if err != nil {
		return reply{}, err
	}
	u, err := s.store.CreateSCIMUser(ctx, r.access, n)
	if err != nil {
		return reply{}, err
	}
	return showUser(http.StatusCreated, &u, projection), nil
}

func (s *service) loadPatched(ctx context.Context, r *request) (changing[tenants.SCIMUser], error) {
	operations, err := scim.ReadOperations(r.values)
	if err != nil {
		return changing[tenants.SCIMUser]{}, s.judged(ctx, r, err)
	}
	change, err := scim.PatchUser(operations)
	return s.loadChanging(ctx, r, change, err, false)
}

func (s *service) loadReplaced(ctx context.Context, r *request) (changing[tenants.SCIMUser], error) {
	change, err := scim.ReplaceUser(r.values)
	return s.loadChanging(ctx, r, change, err, true)
}

func (s *service) loadChanging(
	ctx context.Context, r *request, change scim.UserChange, mistake error, shows bool,
) (changing[tenants.SCIMUser], error) {
	if mistake != nil {
		return changing[tenants.SCIMUser]{}, s.judged(ctx, r, mistake)
	}
	u, err := s.loadUser(ctx, r)
	return changing[tenants.SCIMUser]{resource: u, change: change, shows: shows}, err
}

// changeUser changes what may be changed of a user (internal API, update a single SCIM provisioned user). Of one that was
// deleted nothing can be changed but that it becomes active again.
func (s *service) changeUser(ctx context.Context, r *request, c changing[tenants.SCIMUser]) (reply, error) {
	projection, err := scim.ReadProjection(r.values)
	switch {
	case err != nil:
		return reply{}, err
	case c.resource.Identity.Deleted && (c.shows || c.change.Active == nil || !*c.change.Active):
		return reply{}, table.ErrNotFound
	case !r.when.Changeable(c.resource.Version):
		return reply{}, errVersion
	}
	u, err := s.store.ChangeSCIMUser(ctx, r.access, c.resource, tenants.SCIMChange{Active: c.change.Active, ExternUID: c.change.UID})
	if err != nil {
		return reply{}, updating(&c.resource, err)
	}
	answer := showUser(http.StatusOK, &u, projection)
	if !c.shows {
		answer.status, answer.resource = http.StatusNoContent, nil
	}
	return answer, nil
}

// deleteUser removes or blocks a user (internal API, remove, and block, a single SCIM provisioned user).
func (s *service) deleteUser(ctx context.Context, r *request, u tenants.SCIMUser) (reply, error) {
	switch {
	case u.Identity.Deleted:
		return reply{}, table.ErrNotFound
	case !r.when.Changeable(u.Version):
		return reply{}, errVersion
	}
	if err := s.store.DeleteSCIMUser(ctx, r.access, u); err != nil {
		return reply{}, updating(&u, err)
	}
	return reply{status: http.StatusNoContent}, nil
}
