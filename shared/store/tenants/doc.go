// Package tenants stores the data of identity providers (SCIM): tenants, identities, groups and their members.
package tenants
