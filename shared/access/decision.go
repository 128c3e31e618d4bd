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
	// Unchecked says that everything up to the pushed changes was allowed, and that those cannot be judged.
	Unchecked Outcome = "unchecked"
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
		if v.outcome != "" {
			d.end(c.name, v)
			break
		}
	}
	d.Moved = q.moved
	if d.Outcome == Allowed {
		d.Console = q.console()
	}
	return d
}

// length returns how many of the checks concern the question.
func (q *question) length() int {
	n := 0
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
	if v.outcome != CreateProject {
		d.Failed = check
	}
}

// verdict is what one check found. The zero value lets the request pass on to the next check.
type verdict struct {
	outcome Outcome
	status  int
	message string
}

// denied refuses with 401: git clients show the text of that status, but not of 403.
func denied(message string) verdict { return verdict{Denied, 401, message} }

// hidden refuses as if the thing were not there.
func hidden(message string) verdict { return verdict{Denied, 404, message} }

// unless passes where ok holds, and gives the refusal where it does not.
func unless(ok bool, refusal verdict) verdict {
	if ok {
		return verdict{}
	}
	return refusal
}

// stepOutcome is what the trail says of the check: a project to be created is no trouble.
func (v verdict) stepOutcome() StepOutcome {
	if v.outcome == "" || v.outcome == CreateProject {
		return Passed
	}
	return Failed
}
