// Package groupscim is the endpoint family for identity providers of groups, which provision the members of a group:
// /api/scim/v2/groups/:group_path.
package groupscim

import (
	"net/http"

	"postern/shared/httpapi"
	"postern/shared/provisioning"
)

// Deps are the dependencies of the family.
type Deps struct {
	Store provisioning.Store
	HTTP  httpapi.Options
}

// Routes returns the family's route table. A token is valid for its own group only.
func Routes(d Deps) []httpapi.Route { return provisioning.Routes(provisioning.Groups, d.Store) }

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family, d.HTTP.Dialect = "groupscim", httpapi.SCIM
	return httpapi.New(Routes(d), d.HTTP)
}
