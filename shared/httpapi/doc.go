// Package httpapi turns a table of routes into an http.Handler: router, request id, deadline, authentication,
// parameters, errors and the log line, in this order and in one place for all endpoint families.
//
// A family's handlers see parameters and values of the domain, never an http.Request. The package decides nothing
// about access: who the caller is says the route's Authenticator, what they may do says the handler.
package httpapi
