// Package credential makes what this API hands out and judges what it was handed out before: personal access tokens,
// recovery codes, tokens of LFS clients, and the one-time passwords of RFC 6238.
//
// It does no I/O besides asking for its key. What is kept of a credential, and who may have one, is up to its callers.
package credential
