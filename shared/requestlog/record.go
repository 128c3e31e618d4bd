package requestlog

import (
	"log/slog"
	"sync"
	"time"
)

// longest bounds the logged bytes of a value that callers choose.
const longest = 256

// Record collects the fields of the line. The zero value is ready to use. It is safe for concurrent use.
type Record struct {
	mu        sync.Mutex
	started   time.Time
	coldStart bool

	requestID, family, method, route string
	actor, container, action         string
	decision, failedCheck            string
	trail                            slog.LogValuer
	cause                            error

	calls                 int
	readUnits, writeUnits float64
}

// Begin sets the arrival of the request, and whether it is the first one of this process.
func (r *Record) Begin(at time.Time, coldStart bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started, r.coldStart = at, coldStart
}

// Elapsed returns the time since the arrival, zero for a record without Begin.
func (r *Record) Elapsed(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.started.IsZero() {
		return 0
	}
	return now.Sub(r.started)
}

// SetRequestID sets the id of the request, which its caller knows as well.
func (r *Record) SetRequestID(id string) { r.set(&r.requestID, id) }

// RequestID returns the id that was set.
func (r *Record) RequestID() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requestID
}

// SetRoute sets the endpoint family, the verb and the declared path of the route, empty for no match. The path of the request
// is never logged.
func (r *Record) SetRoute(family, method, route string) {
	r.set(&r.family, family)
	r.set(&r.method, method)
	r.set(&r.route, route)
}

// SetActor sets the actor, as a gl_id or as the request names it.
func (r *Record) SetActor(actor string) { r.set(&r.actor, actor) }

// SetContainer sets the repository, as a gl_repository or as the requested path.
func (r *Record) SetContainer(container string) { r.set(&r.container, container) }

// SetAction sets the requested action, for example "git-upload-pack".
func (r *Record) SetAction(action string) { r.set(&r.action, action) }

// SetDecision sets the outcome: "allowed", "denied", "error", or "explained" for a question without a decision. failedCheck is
// the name of the deciding check, empty for no such check.
func (r *Record) SetDecision(outcome, failedCheck string) {
	r.set(&r.decision, outcome)
	r.set(&r.failedCheck, failedCheck)
}

// Annotations returns the search terms of the request's trace. They name neither actor nor repository.
func (r *Record) Annotations() map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return map[string]any{
		"request_id": r.requestID, "route": r.route, "decision": r.decision, "failed_check": r.failedCheck,
		"dynamodb_calls": r.calls, "cold_start": r.coldStart,
	}
}

// SetTrail keeps the checks that led to the decision. It is resolved only when the line is written.
func (r *Record) SetTrail(trail slog.LogValuer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trail = trail
}

// SetCause keeps the internal reason of an answer. Clients never see it. The first cause stays, as later ones mostly
// follow from it; nil changes nothing.
func (r *Record) SetCause(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cause == nil {
		r.cause = err
	}
}

// Cause returns the internal reason that was kept, nil for none.
func (r *Record) Cause() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cause
}

// CountCall counts one call to DynamoDB and the capacity units that it consumed.
func (r *Record) CountCall(readUnits, writeUnits float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	r.readUnits += readUnits
	r.writeUnits += writeUnits
}

// Calls returns how many calls to DynamoDB were counted.
func (r *Record) Calls() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}

// Units returns the capacity units of all counted calls.
func (r *Record) Units() (read, write float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.readUnits, r.writeUnits
}

// set keeps a text, cut to the bound of a value.
func (r *Record) set(field *string, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*field = cut(value, longest)
}
