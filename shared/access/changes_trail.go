package access

import "strconv"

// refsShown is how many changes a trail tells of one by one. A push may have thousands; the one that decides is always told.
const refsShown = 20

// refTrail collects the steps of the checks of changes.
type refTrail struct {
	watch   stopwatch
	told    Trail
	current Trail // of the change that is just checked
	refs    int
	untold  Step // stands for the changes that are not told
	stopped bool // at the first question to Gitaly: what comes after it has to be checked again
}

// begin starts with the next change.
func (t *refTrail) begin(c *change) {
	if t.stopped {
		return
	}
	t.keep(t.refs <= refsShown)
	t.refs++
	t.current = append(t.current, Step{Name: "ref", Outcome: Passed, says: "Running checks for ref: " + c.name, title: true})
}

// keep takes over the steps of the last change, or only the time that they took.
func (t *refTrail) keep(told bool) {
	if told {
		t.told = append(t.told, t.current...)
	} else {
		for i := range t.current {
			t.untold.Duration += t.current[i].Duration
		}
	}
	t.current = t.current[:0]
}

// add notes a check. A check that asks Gitaly is the last one to be noted.
func (t *refTrail) add(c *refCheck, v verdict, asks bool) {
	took := t.watch.lap()
	if t.stopped {
		return
	}
	step := Step{Name: c.name, Outcome: v.stepOutcome(), Duration: took, says: c.says}
	if asks {
		step.Outcome, t.stopped = Cancelled, true
	}
	t.current = append(t.current, step)
}

// steps returns all steps, those of the last change at the end.
func (t *refTrail) steps() Trail {
	if hidden := t.refs - 1 - refsShown; hidden > 0 {
		t.untold.Name, t.untold.Outcome = "refs", Passed
		t.untold.says = "Running checks for " + strconv.Itoa(hidden) + " more refs"
		t.told = append(t.told, t.untold)
	}
	if len(t.told) == 0 {
		return t.current
	}
	return append(t.told, t.current...)
}

// tell adds what the last check says of itself to its step.
func (t *refTrail) tell(a Account) {
	if n := len(t.current); n > 0 && t.current[n-1].Account == nil {
		t.current[n-1].account(a)
	}
}
