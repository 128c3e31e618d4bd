// Package scimkeys is the key layout of the data of identity providers: tokens, identities, their list with its counts, groups.
package scimkeys
