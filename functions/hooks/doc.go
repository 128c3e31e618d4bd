// Package hooks is the endpoint family that Gitaly's hooks call around a push that was allowed, and what gitlab-shell tells
// after it: POST /internal/pre_receive, /internal/post_receive and /internal/shellhorse/git_audit_event.
//
// It notes that pushes begin and end, answers what git prints, and puts accepted pushes into the outbox. Their effects are
// the business of package postreceive.
package hooks
