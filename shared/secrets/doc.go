// Package secrets fetches a secret from AWS Secrets Manager and keeps it in memory, in its current, its previous and its
// pending version, so that a rotation turns nobody away: callers that have the old secret and callers that have the new
// one, even before it is the current one, are all understood.
//
// It knows nothing about what secrets are for, and keeps them from logs and errors.
package secrets
