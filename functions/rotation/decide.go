package rotation

import "time"

// outcome is the result of a step for one secret.
type outcome string

const (
	made      outcome = "made"      // a new version was created
	announced outcome = "announced" // the new version was published
	tested    outcome = "tested"    // functions accept the new version
	waiting   outcome = "waiting"   // the hand-over time has not passed
	held      outcome = "held"      // clients may still use the version that it would replace
	turned    outcome = "turned"    // the new version is the current one now
	done      outcome = "done"      // nothing to do
	confirmed outcome = "confirmed" // all clients use the version
)

// decide decides whether a pending version may become the current one, which drops the previous one. The condition is that
// all clients use the pending version. Otherwise its time must have come, and no client may use the previous version.
func (v *versions) decide(made, now time.Time, handOver time.Duration) outcome {
	switch {
	case v.pending == "" || v.pending == v.current:
		return done
	case v.current == "" || v.handedOver == v.pending:
		return turned
	case now.Before(made.Add(handOver)):
		return waiting
	case v.previous != "" && v.handedOver != v.current:
		return held
	}
	return turned
}
