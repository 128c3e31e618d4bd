// Package auth verifies callers: gitlab-shell and Gitaly by their JWTs, kas by its own, and administrators and agents by
// their tokens.
//
// It proves only that the caller has the secret of its kind. Actors and permissions of a request belong to other packages,
// and a KeySource provides the secrets.
package auth
