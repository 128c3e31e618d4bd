// Package gitaccess is the endpoint family that decides every fetch and push: POST /internal/allowed.
//
// It serves the calls of gitlab-shell, which come before any change is known. The calls of Gitaly's pre-receive hook
// with the changes of a push are refused with 503 until their checks are built.
package gitaccess
