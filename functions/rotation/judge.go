package rotation

import "time"

// outcome is what became of something that was asked.
type outcome string

const (
	made      outcome = "made"      // there is a new version
	announced outcome = "announced" // whoever listens knows of it
	tested    outcome = "tested"    // functions let in who has it
	waiting   outcome = "waiting"   // its time has not come
	held      outcome = "held"      // clients may still hold the version whose place it needs
	turned    outcome = "turned"    // it is the current one now
	done      outcome = "done"      // there was nothing to do
	confirmed outcome = "confirmed" // all clients have it
)

// judge says whether a pending version that was made at a time may become the current one, which puts the current one in the
// last place and the previous one out. It may when all clients have it, or when its time has come and nobody holds what is
// put out.
func (v *versions) judge(made, now time.Time, handOver time.Duration) outcome {
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
