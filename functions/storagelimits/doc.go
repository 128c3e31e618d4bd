// Package storagelimits is the endpoint family that frees top-level namespaces from the storage limit:
// /namespaces/storage/limit_exclusions and /namespaces/:id/storage/limit_exclusion. It is public, for administrators with a
// personal access token.
package storagelimits
