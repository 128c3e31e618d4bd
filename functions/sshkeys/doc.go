// Package sshkeys is the endpoint family that tells SSH logins apart: which key is this, whose certificate, who is
// it. It identifies; whether somebody may act is decided by gitaccess, so blocked owners and expired keys are found
// here too.
package sshkeys
