// Package scim implements the SCIM protocol (RFC 7643 and 7644): schemas, filters, paths, patches, sorting, projections,
// bulk requests, versions and errors. It works on JSON values and knows neither HTTP nor storage. The caller applies the
// changes that it evaluates.
package scim

// The URNs of messages and schemas (RFC 7644 section 8.2, RFC 7643 section 8.7).
const (
	UserSchema  = "urn:ietf:params:scim:schemas:core:2.0:User"
	GroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group"

	configSchema       = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
	resourceTypeSchema = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	schemaSchema       = "urn:ietf:params:scim:schemas:core:2.0:Schema"

	listMessage         = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	errorMessage        = "urn:ietf:params:scim:api:messages:2.0:Error"
	bulkResponseMessage = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
)

// MediaType is the content type of bodies (RFC 7644 section 3.1).
const MediaType = "application/scim+json"
