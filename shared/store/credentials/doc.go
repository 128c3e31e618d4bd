// Package credentials stores the state behind issued credentials: recovery codes, one-time passwords, personal access tokens.
package credentials
