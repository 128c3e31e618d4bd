package provisioning

import (
	"context"
	"errors"
	"net/http"

	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/scim"
	"postern/shared/store/tenants"
	"postern/shared/table"
)

// reply is an answer that is not a refusal.
type reply struct {
	status   int
	resource scim.Resource // nil: there is none, or body is the answer
	body     any
	id       string // of the resource
	location string
	version  string
}

// Why a request is refused before anything is known about it. The caller is told none of it.
var errNoToken = errors.New("provisioning: no token")

// errBusy answers when a resource is changed faster than a request can be evaluated.
var errBusy = &scim.Error{Status: http.StatusServiceUnavailable, Detail: "The resource is being changed; try again"}

// refusal is the answer to an error, nil when it is none that a client can do something about.
func refusal(r *request, err error) *scim.Error {
	var known *scim.Error
	var strangers *tenants.SCIMUnknownMembersError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &strangers):
		return scim.UnknownMembers(strangers.UIDs)
	case errors.Is(err, tenants.ErrSCIMToken): // which was good when the request came
		return &scim.Error{Status: http.StatusUnauthorized, Detail: "Unauthorized"}
	case errors.Is(err, tenants.ErrSCIMTenant):
		return &scim.Error{Status: http.StatusNotFound, Detail: "Not Found"}
	case errors.Is(err, table.ErrNotFound):
		return scim.NoResource(r.id)
	case errors.Is(err, tenants.ErrSCIMTaken):
		return scim.Taken("The value belongs to another resource")
	case errors.Is(err, tenants.ErrSCIMLastOwner):
		return scim.Precondition("the last owner of the group stays")
	case errors.Is(err, tenants.ErrSCIMBlocked):
		return scim.Precondition("The user was blocked by an administrator")
	case errors.Is(err, tenants.ErrSCIMTooMany):
		return scim.Bad(scim.TooMany, "There is more than a search without an index goes through")
	}
	return nil
}

// respond encodes an answer, or why there is none.
func (r *request) respond(ctx context.Context, answer reply, err error) (httpapi.Response, error) {
	if refused := refusal(r, err); refused != nil {
		requestlog.From(ctx).SetDecision("denied", refused.Check())
		return httpapi.Response{Status: refused.Status, Body: refused.Body(), Header: media()}, nil
	}
	if err != nil {
		return httpapi.Response{}, err
	}
	requestlog.From(ctx).SetDecision("allowed", "")
	response := httpapi.Response{Status: answer.status, Body: answer.body, Header: media()}
	if answer.resource != nil {
		response.Body = r.shape(answer.resource)
	}
	if answer.version != "" {
		response.Header.Set("Etag", answer.version)
	}
	if answer.location != "" && answer.resource != nil {
		response.Header.Set("Location", answer.location)
	}
	return response, nil
}

// shape leaves out of a resource what the client does not want, or does not know.
func (r *request) shape(resource scim.Resource) scim.Resource {
	if r.strict {
		return resource.Strict()
	}
	return resource
}

func media() http.Header { return http.Header{"Content-Type": {scim.MediaType}} }

// errVersion answers a change of another version than the client knows.
var errVersion = scim.Precondition("The resource has another version")

// updating says of the last owner who that is.
func updating(u *tenants.SCIMUser, err error) error {
	if errors.Is(err, tenants.ErrSCIMLastOwner) {
		return scim.Precondition("Error updating " + u.User.Name + ": the last owner of a group cannot be removed")
	}
	return err
}
