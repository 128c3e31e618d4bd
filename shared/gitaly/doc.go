// Package gitaly asks Gitaly, the server that holds the repositories, what only the repositories know: whether one commit
// is an ancestor of another one, that is, whether a push is forced. And it lets a repository be made, for a project that a
// push creates.
//
// It asks and reports. It decides nothing, never guesses, and what it could not learn is an error.
package gitaly
