package requestlog

import (
	"log/slog"
	"sync"
	"time"
)

// longest is how many bytes of a value that callers choose get into the line.
const longest = 256

// Record collects what the line will say. The zero value is ready, and it is safe for concurrent use.
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

// Begin says when the request came and whether it is the first that this process serves.
func (r *Record) Begin(at time.Time, coldStart bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started, r.coldStart = at, coldStart
}

// Elapsed returns how long before now the request came; zero for a record that was never begun.
func (r *Record) Elapsed(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.started.IsZero() {
		return 0
	}
	return now.Sub(r.started)
}

// SetRequestID says which id the request goes by, here and at its caller's.
func (r *Record) SetRequestID(id string) { r.set(&r.requestID, id) }

// RequestID returns the id that was set.
func (r *Record) RequestID() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requestID
}

// SetRoute says what was asked: the endpoint family, the verb and the route's path as declared, which is empty when
// none matched. The path as it came is never logged.
func (r *Record) SetRoute(family, method, route string) {
	r.set(&r.family, family)
	r.set(&r.method, method)
	r.set(&r.route, route)
}

// SetActor says who acts, as a gl_id or as the request names them.
func (r *Record) SetActor(actor string) { r.set(&r.actor, actor) }

// SetContainer says which repository is meant, as a gl_repository or as the path that was asked for.
func (r *Record) SetContainer(container string) { r.set(&r.container, container) }

// SetAction says what is to be done, for example "git-upload-pack".
func (r *Record) SetAction(action string) { r.set(&r.action, action) }

// SetDecision says how it ended: outcome is "allowed", "denied", "error" or, where nothing was decided but only asked,
// "explained"; failedCheck is the name of the check that ended it, empty for none.
func (r *Record) SetDecision(outcome, failedCheck string) {
	r.set(&r.decision, outcome)
	r.set(&r.failedCheck, failedCheck)
}

// Annotations returns what a trace of the request is found by. Nothing of it says who acted on what.
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

// set keeps a text, cut to what a line has room for.
func (r *Record) set(field *string, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*field = cut(value, longest)
}
