// Package rotation is the function that rotates the secrets of gitlab-shell and kas, by the four steps of Secrets Manager.
// No client with a valid secret is ever rejected.
//
// Operators copy secrets to the clients' files, so a rotation is slow. A new version is created (AWSPENDING) and
// announced. After secrets.OverdueAfter every function knows it, and clients may use it. After the hand-over time it
// becomes the current version. The replaced version stays valid (AWSPREVIOUS) until an operator confirms that no client
// uses it. Only then can the next version take its place.
//
// Secrets Manager invokes the function for the steps, a schedule invokes it to activate due versions, and operators invoke
// it to confirm a hand-over. Every invocation can be repeated.
package rotation
