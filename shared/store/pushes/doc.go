// Package pushes stores pushes from their begin to their effects: leases, the outbox, refs, merge requests, messages.
package pushes
