// Package sshkeys is the endpoint family that identifies SSH logins by key, certificate or name. It only identifies:
// blocked owners and expired keys are found as well, and gitaccess decides permissions.
package sshkeys
