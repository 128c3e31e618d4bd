package provisioning

import (
	"context"
	"net/http"

	"postern/shared/requestlog"
	"postern/shared/scim"
	"postern/shared/store/tenants"
)

var bulk = task[tenants.SCIMTenant]{(*service).loadTenant, (*service).bulk}

// bulk answers many requests in one (RFC 7644 section 3.7), one after the other. Each is judged as if it had come alone.
func (s *service) bulk(ctx context.Context, r *request, t tenants.SCIMTenant) (reply, error) {
	if r.large {
		return reply{}, errLarge
	}
	given, err := scim.ReadBulk(r.values)
	if err != nil {
		return reply{}, err
	}
	results := given.Run(func(o scim.BulkOperation) scim.BulkResult { return s.operate(ctx, r, base(&t), &o) })
	return reply{status: http.StatusOK, body: results}, nil
}

var errLarge = &scim.Error{Status: http.StatusRequestEntityTooLarge, Detail: "A bulk request has at most 1048576 bytes"}

// operate answers one operation. What could not be done for a reason that passes is 503: it may be sent again.
func (s *service) operate(ctx context.Context, r *request, at string, o *scim.BulkOperation) scim.BulkResult {
	schema, id := o.Target()
	one := &request{
		access: r.access, values: o.Data, id: id, strict: true, when: scim.Preconditions{IfMatch: o.Version},
	}
	answer, err := inBulk(o.Method, schema).run(ctx, s, one)
	location := answer.location
	if location == "" && id != "" {
		location = scim.Location(at, schema, id)
	}
	if refused := refusal(one, err); refused != nil {
		return scim.BulkResult{Status: refused.Status, Location: location, Body: refused.Body()}
	}
	if err != nil {
		requestlog.From(ctx).SetCause(err)
		body := scim.ErrorBody(http.StatusServiceUnavailable, "", "Service Unavailable")
		return scim.BulkResult{Status: http.StatusServiceUnavailable, Location: location, Body: body}
	}
	return scim.BulkResult{Status: answer.status, Location: location, Version: answer.version, ID: answer.id}
}
