package provisioning

import (
	"net/http"
	"net/url"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/scim"
	"postern/shared/store/tenants"
)

// longestToken is how many bytes a token may have to be looked up.
const longestToken = 1024

// request is what a request says, decoded. A bulk request makes one of each of its operations.
type request struct {
	access tenants.SCIMAccess
	values map[string]any // of path, body and query
	id     string         // of the resource
	when   scim.Preconditions
	strict bool // asks for SCIM's media type, so for nothing that RFC 7643 does not know
	large  bool // has a longer body than bulk requests may have
}

func (s *service) decode(r *http.Request, p *httpapi.Params, token, id string) *request {
	group, _ := p.Text(groupParam)
	resource, _ := p.Text("id")
	return &request{
		access: tenants.SCIMAccess{
			Instance: s.base == Instance, GroupPath: group, Digest: gitlab.TokenDigest(token), RequestID: id,
		},
		values: p.All(),
		id:     resource,
		when:   scim.Preconditions{IfMatch: header(r, "If-Match"), IfNoneMatch: header(r, "If-None-Match")},
		strict: strings.Contains(strings.ToLower(header(r, "Accept")), scim.MediaType),
		large:  r.ContentLength > scim.MaxBulkSize,
	}
}

// header is all values of a header.
func header(r *http.Request, name string) string { return strings.Join(r.Header.Values(name), ", ") }

// bearer returns the token of the header Authorization, empty when it has none.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || len(token) > longestToken {
		return ""
	}
	return token
}

// base is the URL below which a tenant's resources are.
func base(t *tenants.SCIMTenant) string {
	path := Instance
	if t.Group != nil {
		path = strings.TrimSuffix(Groups, ":"+groupParam) + url.PathEscape(t.Group.Path)
	}
	return t.Settings.WebURL(strings.TrimPrefix(path, "/"))
}
