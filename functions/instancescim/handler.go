// Package instancescim is the endpoint family for the identity provider of the instance, which provisions the users of the
// instance: /api/scim/v2/application.
package instancescim

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

// Routes returns the family's route table. Only the instance's token is valid.
func Routes(d Deps) []httpapi.Route { return provisioning.Routes(provisioning.Instance, d.Store) }

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family, d.HTTP.Dialect = "instancescim", httpapi.SCIM
	return httpapi.New(Routes(d), d.HTTP)
}
