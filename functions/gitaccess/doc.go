// Package gitaccess is the endpoint family that decides every fetch and push: POST /internal/allowed.
//
// It serves the calls of gitlab-shell, which come before any change is known, and those of Gitaly's pre-receive hook with the
// changes of a push, for which it may have to ask Gitaly about the pushed commits.
package gitaccess
