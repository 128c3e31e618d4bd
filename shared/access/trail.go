package access

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
)

// StepOutcome is what one check found.
type StepOutcome string

// The outcomes of a check. Checks that do not apply to a request are not recorded.
const (
	Passed    StepOutcome = "passed"
	Failed    StepOutcome = "failed"
	Cancelled StepOutcome = "cancelled" // the time was over before it had an answer
	// NotReached stands only in trails that explain: an earlier check had decided.
	NotReached StepOutcome = "not_reached"
)

// Step is one check that was made. Name is stable: logs and alarms are built on it.
type Step struct {
	Name     string
	Outcome  StepOutcome
	Duration time.Duration
	Account  *Account // only where an explanation is asked for

	says  string // what it does, as the text of a timed out push has it
	title bool   // it only names what the next ones are about
}

// Trail is the checks that led to a decision, in the order in which they were made.
type Trail []Step

// LogValue groups the steps by name, each with its outcome and its duration in milliseconds. The steps of several changes
// that have one name are one: it has the outcome of the last, and the time of all.
func (t Trail) LogValue() slog.Value {
	t = t.merged()
	attrs := make([]slog.Attr, len(t))
	fields := make([]slog.Attr, 2*len(t))
	for i := range t {
		own := fields[2*i : 2*i+2 : 2*i+2]
		own[0] = slog.String("outcome", string(t[i].Outcome))
		own[1] = slog.Float64("duration_ms", milliseconds(t[i].Duration))
		attrs[i] = slog.Attr{Key: t[i].Name, Value: slog.GroupValue(own...)}
	}
	return slog.GroupValue(attrs...)
}

// merged returns the trail with one step for each name, in the order of the names' first steps and without titles.
func (t Trail) merged() Trail {
	if !slices.ContainsFunc(t, func(s Step) bool { return s.title }) {
		return t // without changes no name comes twice
	}
	one := make(Trail, 0, len(checks)+len(refChecks))
	for _, step := range t {
		at := slices.IndexFunc(one, func(s Step) bool { return s.Name == step.Name })
		switch {
		case step.title:
		case at < 0:
			one = append(one, step)
		default:
			one[at].Outcome, one[at].Duration = step.Outcome, one[at].Duration+step.Duration
		}
	}
	return one
}

// Lines returns a line of text for each step: "Checking if you are allowed to push... (3.2ms)".
func (t Trail) Lines() []string {
	lines := make([]string, len(t))
	for i := range t {
		lines[i] = t[i].line()
	}
	return lines
}

// TimedOut returns the message of a push whose time was over when elapsed had passed since its first check began.
// Its last line is the check that was cancelled: the trail's last step, when that is marked so, else the next one,
// the checks of the push itself. It took what the steps before it have left of elapsed.
func (t Trail) TimedOut(elapsed time.Duration) string {
	last := Step{says: sayPush}
	if n := len(t); n > 0 && t[n-1].Outcome == Cancelled {
		last, t = t[n-1], t[:n-1]
	}
	last.Outcome, last.Duration = Cancelled, elapsed
	for i := range t {
		last.Duration -= t[i].Duration
	}
	return textTimedOut + strings.Join(append(t.Lines(), last.line()), "\n")
}

// line is the text of one step; a step that nobody has worded goes by its name.
func (s Step) line() string {
	says := s.says
	if says == "" {
		says = s.Name
	}
	if s.title {
		return says
	}
	return says + "... (" + s.timing() + ")"
}

func (s Step) timing() string {
	ms := strconv.FormatFloat(milliseconds(s.Duration), 'f', 1, 64) + "ms"
	switch {
	case s.Outcome != Cancelled:
		return ms
	case s.Duration <= 0:
		return "cancelled"
	}
	return "cancelled after " + ms
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// stopwatch times steps that follow each other without a gap, with one look at the clock for each.
type stopwatch struct {
	clock func() time.Time
	last  time.Time
}

// newStopwatch starts the first lap.
func newStopwatch(clock func() time.Time) stopwatch {
	if clock == nil {
		return stopwatch{}
	}
	return stopwatch{clock: clock, last: clock()}
}

// lap returns the time since the last one; zero without a clock.
func (s *stopwatch) lap() time.Duration {
	if s.clock == nil {
		return 0
	}
	now := s.clock()
	passed := now.Sub(s.last)
	s.last = now
	return passed
}
