package access

import "postern/shared/gitlab"

// Outcome is how a decision ended.
type Outcome string

// The outcomes.
const (
	Allowed Outcome = "allowed"
	Denied  Outcome = "denied"
	// CreateProject says that the project asked for must be created first; then the request is checked again with
	// the new container. It comes only when that second check will allow the push.
	CreateProject Outcome = "create_project"
	// AskHistory says that the answer depends on what Gitaly knows: Decision.Ask is to be put into Request.History, and the
	// request to be checked again.
	AskHistory Outcome = "ask_history"
	// TimedOut says that the time for the checks was over before there was an answer.
	TimedOut Outcome = "timed_out"
)

// Decision answers a Request.
type Decision struct {
	Outcome Outcome
	Status  int    // 200, 401, 404, 422, 429 or 503
	Message string // what a person reads; "" when allowed
	Failed  string // the check that failed, by its name in the trail; "" when none did

	Moved   bool               // the person is to be told that the repository has moved
	Console []string           // lines for the terminal of somebody who is let in
	Level   gitlab.AccessLevel // what the person may do at this place
	Trail   Trail              // the checks that were made, in their order
	Ask     Ask                // what AskHistory asks for
}

// Check decides a request. Of the table of checks, those that concern the kind of repository and the action are made
// in turn; the first that fails gives the answer.
func Check(r *Request) Decision {
	q := newQuestion(r)
	d := q.answer()
	if d.Outcome == CreateProject {
		return q.onceCreated(d)
	}
	return d
}

// answer goes down the table.
func (q *question) answer() Decision {
	d := Decision{Outcome: Allowed, Status: 200, Level: q.level, Trail: make(Trail, 0, q.length())}
	watch := newStopwatch(q.Clock)
	for i := range checks {
		c := &checks[i]
		if !c.concerns(q) {
			continue
		}
		v := c.run(q)
		d.Trail = append(d.Trail, Step{Name: c.name, Outcome: v.stepOutcome(), Duration: watch.lap(), says: c.says})
		if q.Explain {
			d.Trail[len(d.Trail)-1].account(c.tell(q))
		}
		if len(q.steps) > 0 { // the step's own ones take its place
			d.Trail, q.steps = append(d.Trail[:len(d.Trail)-1], q.steps...), nil
		}
		if v.outcome != "" {
			d.end(c.name, v)
			q.leaveOut(&d, checks[i+1:])
			break
		}
	}
	d.Moved, d.Ask = q.moved, q.ask
	if d.Outcome == Allowed {
		d.Console = q.console()
	}
	return d
}

// length returns how many steps the trail may have: the checks that concern the question, and those of the changes that are
// told.
func (q *question) length() int {
	n := min(len(q.Refs), refsShown+1) * (1 + len(refChecks))
	for i := range checks {
		if checks[i].concerns(q) {
			n++
		}
	}
	return n
}

// end takes over the verdict that stopped the checks.
func (d *Decision) end(check string, v verdict) {
	d.Outcome, d.Status, d.Message = v.outcome, v.status, v.message
	switch {
	case v.outcome == CreateProject:
	case v.check != "":
		d.Failed = v.check
	default:
		d.Failed = check
	}
}

// verdict is what one check found. The zero value lets the request pass on to the next check.
type verdict struct {
	outcome Outcome
	status  int
	message string
	check   string // the part of a check that said it, where it has parts
}

// denied refuses with 401: git clients show the text of that status, but not of 403.
func denied(message string) verdict { return verdict{outcome: Denied, status: 401, message: message} }

// hidden refuses as if the thing were not there.
func hidden(message string) verdict { return verdict{outcome: Denied, status: 404, message: message} }

// unless passes where ok holds, and gives the refusal where it does not.
func unless(ok bool, refusal verdict) verdict {
	if ok {
		return verdict{}
	}
	return refusal
}

// stepOutcome is what the trail says of the check: a project to be created is no trouble.
func (v verdict) stepOutcome() StepOutcome {
	switch v.outcome {
	case "", CreateProject:
		return Passed
	case AskHistory, TimedOut:
		return Cancelled
	case Allowed, Denied:
	}
	return Failed
}
