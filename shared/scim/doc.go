// Package scim is the protocol that identity providers provision users with (RFC 7643 and 7644): schemas, filters, paths,
// patches, sorting, projections, bulk requests, versions and errors. It knows JSON values and neither HTTP nor storage; what
// a change does to a user is for who asks it.
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

// MediaType is what bodies come as (RFC 7644 section 3.1).
const MediaType = "application/scim+json"
