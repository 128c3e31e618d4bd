package provisioning

import (
	"context"
	"net/http"

	"postern/shared/scim"
	"postern/shared/store/tenants"
)

var (
	config        = discovery(func(at, _ string) any { return scim.ServiceProviderConfig(at) })
	resourceTypes = discovery(func(at, _ string) any { return whole(scim.ResourceTypes(at)) })
	resourceType  = discovery(func(at, id string) any { return named(scim.ResourceTypes(at), id) })
	schemas       = discovery(func(at, _ string) any { return whole(scim.Schemas(at)) })
	schema        = discovery(func(at, id string) any { return named(scim.Schemas(at), id) })
	me            = task[tenants.SCIMTenant]{(*service).loadTenant, (*service).noSelf}
)

// discovery is a task that answers with what is the same for everybody but for its URL (RFC 7644 section 4).
func discovery(document func(at, id string) any) task[tenants.SCIMTenant] {
	return task[tenants.SCIMTenant]{(*service).loadTenant, func(
		_ *service, _ context.Context, r *request, t tenants.SCIMTenant,
	) (reply, error) {
		if err := scim.CheckDiscovery(r.values); err != nil {
			return reply{}, err
		}
		body := document(base(&t), r.id)
		if body == nil {
			return reply{}, scim.NoResource(r.id)
		}
		return reply{status: http.StatusOK, body: body}, nil
	}}
}

func (s *service) loadTenant(ctx context.Context, r *request) (tenants.SCIMTenant, error) {
	return s.store.LoadSCIMTenant(ctx, r.access)
}

// whole is a list of all documents.
func whole(documents []map[string]any) any {
	return scim.ListOf(len(documents), 1, len(documents), documents)
}

// named is the document with an id, nil if there is none.
func named(documents []map[string]any, id string) any {
	for _, d := range documents {
		if d["id"] == id {
			return d
		}
	}
	return nil
}

// noSelf answers that a token is nobody's (RFC 7644 section 3.11).
func (s *service) noSelf(context.Context, *request, tenants.SCIMTenant) (reply, error) {
	return reply{}, &scim.Error{Status: http.StatusNotImplemented, Detail: "A token is no user's"}
}
