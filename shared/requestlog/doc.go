// Package requestlog is the one line that a request leaves in the log. A Record travels in the request's context,
// whoever learns something adds it, and the middleware writes it at the end.
//
// It is no general logger: what is not in Record's methods does not get into the line. Nothing secret has a setter:
// neither headers nor bodies nor tokens come near it.
package requestlog
