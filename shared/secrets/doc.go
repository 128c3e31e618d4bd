// Package secrets fetches a secret from AWS Secrets Manager and keeps its current, previous and pending version in memory.
// A rotation therefore rejects no caller: old and new secrets verify, even before the new one becomes current.
//
// The package does not know the use of a secret, and keeps keys out of logs and errors.
package secrets
