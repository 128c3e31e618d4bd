// Package gitaccess is the endpoint family that decides every fetch and push: POST /internal/allowed.
//
// It serves gitlab-shell, whose calls come before the changes are known, and Gitaly's pre-receive hook with the changes of a
// push. For the latter it may ask Gitaly about the pushed commits.
package gitaccess
