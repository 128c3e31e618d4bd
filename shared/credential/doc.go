// Package credential creates and checks the credentials of this API: personal access tokens, recovery codes, LFS tokens
// and one-time passwords (RFC 6238).
//
// Its only I/O is the KeySource. The callers decide permissions and storage.
package credential
