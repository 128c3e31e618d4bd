// Package provisioning answers identity providers: it is what the SCIM families have in common. The protocol is package
// scim's, what a change does to users and memberships is the store's; here a request is decoded, what it is about is loaded
// together with the token that opens it, and the answer is encoded.
package provisioning

import (
	"context"
	"net/http"

	"postern/shared/httpapi"
	"postern/shared/scim"
	"postern/shared/store/tenants"
)

// Store is what the SCIM families ask of the table. Whatever loads returns store.ErrSCIMToken or store.ErrSCIMTenant before
// anything else is judged.
type Store interface {
	LoadSCIMTenant(context.Context, tenants.SCIMAccess) (tenants.SCIMTenant, error)

	LoadSCIMUser(ctx context.Context, a tenants.SCIMAccess, uid string) (tenants.SCIMUser, error)
	ListSCIMUsers(ctx context.Context, a tenants.SCIMAccess, start, count int) (tenants.SCIMUserPage, error)
	FindSCIMUsers(context.Context, tenants.SCIMAccess, tenants.SCIMLookup) (tenants.SCIMUserPage, error)
	WalkSCIMUsers(context.Context, tenants.SCIMAccess) (tenants.SCIMUserPage, error)
	LoadSCIMNewcomer(context.Context, tenants.SCIMAccess, tenants.NewSCIMUser) (tenants.SCIMNewcomer, error)
	CreateSCIMUser(context.Context, tenants.SCIMAccess, tenants.SCIMNewcomer) (tenants.SCIMUser, error)
	// What changes or deletes returns store.ErrConflict when that was changed since it was loaded, and CreateSCIMGroup when its
	// members were.
	ChangeSCIMUser(context.Context, tenants.SCIMAccess, tenants.SCIMUser, tenants.SCIMChange) (tenants.SCIMUser, error)
	DeleteSCIMUser(context.Context, tenants.SCIMAccess, tenants.SCIMUser) error

	LoadSCIMGroup(ctx context.Context, a tenants.SCIMAccess, id string, m tenants.SCIMMembers) (tenants.SCIMGroup, error)
	ListSCIMGroups(ctx context.Context, a tenants.SCIMAccess, start, count int, m tenants.SCIMMembers) (tenants.SCIMGroupPage, error)
	FindSCIMGroups(context.Context, tenants.SCIMAccess, tenants.SCIMGroupLookup, tenants.SCIMMembers) (tenants.SCIMGroupPage, error)
	WalkSCIMGroups(context.Context, tenants.SCIMAccess, tenants.SCIMMembers) (tenants.SCIMGroupPage, error)
	CreateSCIMGroup(context.Context, tenants.SCIMAccess, tenants.NewSCIMGroup) (tenants.SCIMGroup, error)
	ChangeSCIMGroup(context.Context, tenants.SCIMAccess, tenants.SCIMGroup, tenants.SCIMGroupChange) (tenants.SCIMGroup, error)
	DeleteSCIMGroup(context.Context, tenants.SCIMAccess, tenants.SCIMGroup) error
}

// groupParam is the part of a path that names the group.
const groupParam = "group_path"

// Groups is the base of the groups' routes, Instance that of the instance's.
const (
	Groups   = "/api/scim/v2/groups/:" + groupParam
	Instance = "/api/scim/v2/application"
)

// service answers the requests of one base.
type service struct {
	base  string
	store Store
}

// Routes returns the route table of a base. A route below another's variable part comes before it.
func Routes(base string, st Store) []httpapi.Route {
	s := &service{base: base, store: st}
	return append(s.selfRoutes(),
		serve(s, http.MethodPost, "/.search", searchAll),
		serve(s, http.MethodPost, "/Bulk", bulk),
		serve(s, http.MethodGet, "/ServiceProviderConfig", config),
		serve(s, http.MethodGet, "/ResourceTypes", resourceTypes),
		serve(s, http.MethodGet, "/ResourceTypes/:id", resourceType),
		serve(s, http.MethodGet, "/Schemas", schemas),
		serve(s, http.MethodGet, "/Schemas/:id", schema),

		serve(s, http.MethodPost, "/Users/.search", searchUsers),
		serve(s, http.MethodGet, "/Users", searchUsers),
		serve(s, http.MethodPost, "/Users", createUser),
		serve(s, http.MethodGet, "/Users/:id", getUser),
		serve(s, http.MethodPut, "/Users/:id", replaceUser),
		serve(s, http.MethodPatch, "/Users/:id", patchUser),
		serve(s, http.MethodDelete, "/Users/:id", deleteUser),

		serve(s, http.MethodPost, "/Groups/.search", searchGroups),
		serve(s, http.MethodGet, "/Groups", searchGroups),
		serve(s, http.MethodPost, "/Groups", createGroup),
		serve(s, http.MethodGet, "/Groups/:id", getGroup),
		serve(s, http.MethodPut, "/Groups/:id", replaceGroup),
		serve(s, http.MethodPatch, "/Groups/:id", patchGroup),
		serve(s, http.MethodDelete, "/Groups/:id", deleteGroup),
	)
}

// selfRoutes are those of who asks, with every verb.
func (s *service) selfRoutes() []httpapi.Route {
	const self = "/Me"
	return []httpapi.Route{
		serve(s, http.MethodGet, self, me), serve(s, http.MethodPost, self, me), serve(s, http.MethodPut, self, me),
		serve(s, http.MethodPatch, self, me), serve(s, http.MethodDelete, self, me),
	}
}

// inBulk are the tasks of a bulk request by method and schema.
func inBulk(method string, s *scim.Schema) runner {
	tasks := map[string]runner{
		http.MethodPost: createUser, http.MethodPut: replaceUser, http.MethodPatch: patchUser, http.MethodDelete: deleteUser,
	}
	if s == scim.Groups {
		tasks = map[string]runner{
			http.MethodPost: createGroup, http.MethodPut: replaceGroup, http.MethodPatch: patchGroup, http.MethodDelete: deleteGroup,
		}
	}
	return tasks[method]
}
