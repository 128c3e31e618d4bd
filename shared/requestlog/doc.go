// Package requestlog writes the one log line of a request. A Record travels in the request's context. Each step adds its facts,
// and the middleware writes the line at the end.
//
// It is not a general logger: the line has the fields that Record's methods set. Secrets have no setter: headers, bodies and
// tokens stay outside.
package requestlog
