// Package groupscim is the endpoint family with which the identity provider of a group provisions the group's members:
// /api/scim/v2/groups/:group_path.
package groupscim

import (
	"net/http"

	"postern/shared/httpapi"
	"postern/shared/provisioning"
)

// Deps are what the family works with.
type Deps struct {
	Store provisioning.Store
	HTTP  httpapi.Options
}

// Routes returns the family's route table. A token opens the group whose it is, and no other.
func Routes(d Deps) []httpapi.Route { return provisioning.Routes(provisioning.Groups, d.Store) }

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family, d.HTTP.Dialect = "groupscim", httpapi.SCIM
	return httpapi.New(Routes(d), d.HTTP)
}
