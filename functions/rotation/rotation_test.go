package rotation_test

import (
	"encoding/base64"
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/functions/rotation"
)

// watch checks running functions of one kind against the secrets that clients may use, between all calls of a rotation.
// The flooded functions have just verified an unknown token, so they do not fetch newer keys.
type watch struct {
	*installation
	name           string
	quiet, flooded []*server
	may            map[string]string // secrets by name
	moments        int
}

func (i *installation) watch(name, first string, functions int) *watch {
	w := &watch{installation: i, name: name, may: map[string]string{"first": first}}
	for range functions {
		w.quiet, w.flooded = append(w.quiet, i.server(name)), append(w.flooded, i.server(name))
		i.turn(4 * time.Minute)
	}
	i.calls.between = w.look
	return w
}

// unknown is a text that no secret has.
func (w *watch) unknown() string {
	if w.name == "kas" {
		return base64.StdEncoding.EncodeToString(make([]byte, 32))
	}
	return "unknown"
}

// look tries every secret with every function.
func (w *watch) look() {
	w.t.Helper()
	w.moments++
	for n, s := range append(w.flooded, w.quiet...) {
		if n < len(w.flooded) && s.accepts(w.t, w.unknown()) {
			w.t.Errorf("moment %d: a wrong secret passes", w.moments)
		}
		for name, text := range w.may {
			if !s.accepts(w.t, text) {
				w.t.Errorf("moment %d, function %d: the %s secret is rejected", w.moments, n, name)
			}
		}
	}
}

// pass advances the clock in steps of a few minutes, so that keys become due in between.
func (w *watch) pass(d time.Duration) {
	w.t.Helper()
	for ; d > 0; d -= 7 * time.Minute {
		w.turn(min(d, 7*time.Minute))
		w.look()
	}
}

// hold adds a version to the allowed secrets, once it may be used.
func (w *watch) hold(name, version string) {
	w.t.Helper()
	w.pass(rotation.Settled)
	w.may[name] = w.text(w.name, version)
	w.look()
}

func (w *watch) scheduledIs(want string) {
	w.t.Helper()
	got := w.scheduled()
	if other := "done"; w.name == "shell" && got != want+","+other || w.name == "kas" && got != other+","+want {
		w.t.Errorf("outcomes %s, want %s", got, want)
	}
}

// rejects checks that a secret is rejected once functions have had time to refresh.
func (w *watch) rejects(name, text string) {
	w.t.Helper()
	w.pass(rotation.Settled)
	for _, s := range append(w.flooded, w.quiet...) {
		if s.accepts(w.t, text) {
			w.t.Errorf("the %s secret still passes", name)
		}
	}
}

// Three rotations: one activated by time, one held until a confirmation, and one after that confirmation. Allowed secrets
// are always accepted, all others never.
func TestRotationKeepsAllowedSecretsValid(t *testing.T) {
	for name, first := range map[string]string{"shell": "first", "kas": firstKAS} {
		t.Run(name, func(t *testing.T) {
			w := install(t).watch(name, first, 3)
			original := w.labels(name)["AWSCURRENT"]

			second := w.rotate(name)
			w.hold("second", second)
			w.scheduledIs("waiting")
			w.pass(2 * time.Hour)
			w.turn(handOver)
			w.scheduledIs("turned")
			if got := w.labels(name); got["AWSCURRENT"] != second || got["AWSPREVIOUS"] != original {
				t.Errorf("labels %v", got)
			}
			w.pass(time.Hour)

			third := w.rotate(name)
			w.hold("third", third)
			w.turn(30 * 24 * time.Hour)
			w.scheduledIs("held")
			if got := w.labels(name); got["AWSCURRENT"] != second || got["AWSPREVIOUS"] != original {
				t.Errorf("labels %v", got)
			}
			w.pass(time.Hour)

			oldest := w.may["first"]
			w.may = map[string]string{"third": w.may["third"]} // all clients use it
			if got, err := w.invoke(confirm(name, third)); got != "turned" || err != nil {
				t.Errorf("confirmed: %s, %v", got, err)
			}
			w.rejects("first", oldest)

			fourth := w.rotate(name)
			w.hold("fourth", fourth)
			w.turn(handOver)
			w.scheduledIs("turned")
			if got := w.labels(name); got["AWSCURRENT"] != fourth || got["AWSPREVIOUS"] != third {
				t.Errorf("labels %v", got)
			}
			w.rejects("second", w.text(name, second))
			w.look()
		})
	}
}

// Every call fails once, before its effect or with a lost answer. After the retries of Secrets Manager and Lambda the
// result is the same, and no allowed secret was rejected.
func TestRotationSurvivesFaults(t *testing.T) {
	for _, after := range []bool{false, true} {
		for fail := 1; ; fail++ {
			i := install(t)
			w := i.watch("shell", "first", 1)
			i.calls.fail, i.calls.after = fail, after
			token := i.rotate("shell")
			w.hold("new", token)
			i.turn(handOver)
			i.scheduled()
			if got := i.labels("shell"); got["AWSCURRENT"] != token || got["AWSPENDING"] != token || len(got) != 3 {
				t.Errorf("call %d, answer lost: %v: labels %v", fail, after, got)
			}
			phases := map[string]bool{}
			for _, detail := range i.calls.notices {
				var n struct{ Phase string }
				if err := json.Unmarshal([]byte(detail), &n); err != nil {
					t.Fatal(err)
				}
				phases[n.Phase] = true
			}
			if len(phases) != 2 {
				t.Errorf("call %d, answer lost: %v: phases %v", fail, after, phases)
			}
			w.pass(time.Hour)
			if i.calls.made < fail {
				break
			}
			if fail > 100 {
				t.Fatal("too many calls")
			}
		}
	}
}

// Concurrent requests during a rotation, for the race detector.
func TestRequestsDuringRotation(t *testing.T) {
	i := install(t)
	servers := []*server{i.server("shell"), i.server("shell")}
	var over atomic.Bool
	var clients sync.WaitGroup
	hold := func(text string) {
		for _, s := range servers {
			clients.Go(func() {
				for n := 0; !over.Load(); n++ {
					if !s.accepts(t, text) {
						t.Errorf("request %d with %s was rejected", n, text)
						return
					}
				}
			})
		}
	}
	hold("first")
	token := i.rotate("shell")
	i.turn(rotation.Settled)
	hold(i.text("shell", token))
	i.turn(handOver)
	if got := i.scheduled(); got != "turned,done" {
		t.Errorf("outcomes %s", got)
	}
	for range 20 {
		i.turn(6 * time.Minute)
		time.Sleep(time.Millisecond)
	}
	over.Store(true)
	clients.Wait()
}

func TestNewSecretsHaveCallersFormat(t *testing.T) {
	i := install(t)
	for name, size := range map[string]int{"shell": 32, "kas": 44} {
		texts := map[string]bool{}
		for range 3 {
			text := i.text(name, i.rotate(name))
			if _, err := kinds[name].Key(text + "\n"); err != nil || len(text) != size || texts[text] {
				t.Errorf("%s: a secret of %d characters: %v", name, len(text), err)
			}
			texts[text] = true
		}
	}
}
