// Package auth verifies who calls: the JWTs of gitlab-shell and Gitaly, and those of kas.
//
// It finds out that a caller holds the secret of their kind, nothing else: which actor a request names and what they
// may do is none of its business. Where the secrets come from is the KeySource's.
package auth
