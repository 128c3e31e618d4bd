package access

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

func ms(f float64) time.Duration { return time.Duration(f * float64(time.Millisecond)) }

func TestTrailLines(t *testing.T) {
	trail := Trail{
		{Name: "protocol", Outcome: Passed, Duration: ms(0.04), says: "Checking the protocol"},
		{Name: "push_permission", Outcome: Failed, Duration: ms(3.2), says: sayPush},
		{Name: "unnamed", Outcome: Passed},
		{Name: "changes", Outcome: Cancelled, Duration: ms(50000.1), says: "Running checks"},
	}
	want := []string{
		"Checking the protocol... (0.0ms)",
		"Checking if you are allowed to push... (3.2ms)",
		"unnamed... (0.0ms)",
		"Running checks... (cancelled after 50000.1ms)",
	}
	if got := trail.Lines(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestTimedOut(t *testing.T) {
	const head = "Push operation timed out\n\nTiming information for debugging purposes:\n"
	first := Step{Name: "protocol", Outcome: Passed, Duration: ms(100), says: "Checking the protocol"}
	stopped := Step{Name: "changes", Outcome: Cancelled, says: "Running checks"}
	tests := []struct {
		name    string
		trail   Trail
		elapsed time.Duration
		want    string
	}{
		{"before any check", nil, ms(50000.1), "Checking if you are allowed to push... (cancelled after 50000.1ms)"},
		{
			"after some checks",
			Trail{first},
			ms(28100),
			"Checking the protocol... (100.0ms)\nChecking if you are allowed to push... (cancelled after 28000.0ms)",
		},
		{
			"in a check",
			Trail{first, stopped},
			ms(28100),
			"Checking the protocol... (100.0ms)\nRunning checks... (cancelled after 28000.0ms)",
		},
		{
			"no time left for it",
			Trail{first, stopped},
			ms(100),
			"Checking the protocol... (100.0ms)\nRunning checks... (cancelled)",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := slices.Clone(tt.trail)
			if got := tt.trail.TimedOut(tt.elapsed); got != head+tt.want {
				t.Errorf("got %q", got)
			}
			if !slices.Equal(tt.trail, before) {
				t.Errorf("the trail has changed: %v", tt.trail)
			}
		})
	}
}

func TestTrailInTheLog(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	logger.Info("request", "trail", Trail{
		{Name: "rate_limit", Outcome: Passed, Duration: ms(0.5)},
		{Name: "key_valid", Outcome: Failed, Duration: ms(1)},
	})
	want := `"trail":{"rate_limit":{"outcome":"passed","duration_ms":0.5},"key_valid":{"outcome":"failed","duration_ms":1}}`
	if !strings.Contains(out.String(), want) {
		t.Errorf("got %s", out.String())
	}
	out.Reset()
	logger.Info("request", "trail", Trail(nil))
	if strings.Contains(out.String(), "trail") {
		t.Errorf("an empty trail is logged: %s", out.String())
	}
}

func TestEveryCheckIsTimed(t *testing.T) {
	r, ticks := ask(), 0
	r.Clock = func() time.Time {
		ticks++
		return now.Add(time.Duration(ticks) * time.Millisecond)
	}
	d := Check(r)
	if ticks != len(d.Trail)+1 {
		t.Errorf("%d looks at the clock for %d checks", ticks, len(d.Trail))
	}
	for _, step := range d.Trail {
		if step.Duration != time.Millisecond {
			t.Errorf("%s took %s", step.Name, step.Duration)
		}
	}
}

func TestChecksGiveUpInTime(t *testing.T) {
	r := ask(push, mia, rules, knows, changes("A B refs/heads/feat A B refs/heads/main A B refs/heads/dev"))
	looks := 0
	r.Clock = func() time.Time {
		looks++
		return now.Add(time.Duration(looks) * time.Second)
	}
	all := Check(r)
	if all.Outcome != Allowed {
		t.Fatalf("without a deadline: %s", all.Outcome)
	}
	looks, r.Deadline = 0, now.Add(33*time.Second)
	d := Check(r)
	if d.Outcome != TimedOut || d.Status != 503 || len(d.Trail) >= len(all.Trail) {
		t.Fatalf("%s %d after %d steps of %d", d.Outcome, d.Status, len(d.Trail), len(all.Trail))
	}
	text := d.Trail.TimedOut(50 * time.Second)
	if !strings.Contains(text, "\nRunning checks for ref: feat\nChecking if you are allowed to push... (1000.0ms)\n") {
		t.Errorf("got %s", text)
	}
}

func TestTimedOutWhileGitalyIsAsked(t *testing.T) {
	d := Check(ask(push, mia, rules, changes("A B refs/heads/feat A B refs/heads/main A B refs/heads/dev")))
	text := d.Trail.TimedOut(50000*time.Millisecond + 100*time.Microsecond)
	const end = "\nRunning checks for ref: main\nChecking if you are allowed to push... (0.0ms)\nChecking if the default branch is kept... (0.0ms)\n" +
		"Checking the name of the branch... (0.0ms)\nChecking if you are force pushing to a protected branch... (cancelled after 50000.1ms)"
	if !strings.HasPrefix(text, "Push operation timed out\n\nTiming information") || !strings.HasSuffix(text, end) {
		t.Errorf("got %s", text)
	}
}

func TestTrailsOfManyChangesAreShort(t *testing.T) {
	lines := strings.Repeat("A B refs/heads/feat ", 5000)
	d := Check(ask(push, mia, rules, knows, changes(lines+"A C refs/heads/main")))
	text := strings.Join(d.Trail.Lines(), "\n")
	if d.Failed != "force_push" || len(d.Trail) > 150 || !strings.Contains(text, "Running checks for 4980 more refs... (") {
		t.Errorf("%s after %d steps: %s", d.Failed, len(d.Trail), text)
	}
	if shown := d.Trail.LogValue().Group(); len(shown) > 40 {
		t.Errorf("%d groups in the log", len(shown))
	}
}
