package access

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"postern/shared/gitlab"
)

// explained asks the same once more and for an explanation: the decision must be the same, and every step account for
// itself. What stopped the checks must say what would have to change.
func explained(t *testing.T, d *Decision, given []with) {
	t.Helper()
	e := Check(ask(append(given, explain)...))
	if e.Outcome != d.Outcome || e.Status != d.Status || e.Message != d.Message || e.Failed != d.Failed || !reflect.DeepEqual(e.Ask, d.Ask) {
		t.Errorf("explained: %s %d %q, decided: %s %d %q", e.Outcome, e.Status, e.Message, d.Outcome, d.Status, d.Message)
	}
	for _, step := range e.Trail {
		switch {
		case step.Outcome == NotReached || step.Name == "refs":
		case step.Account == nil:
			t.Errorf("%s does not account for itself", step.Name)
		case (step.Outcome == Passed) != (step.Account.Change == ""):
			t.Errorf("%s %s, and would have to change: %q", step.Name, step.Outcome, step.Account.Change)
		case strings.Contains(step.Account.Change, "%!"):
			t.Errorf("%s: %s", step.Name, step.Account.Change)
		}
	}
	if _, err := json.Marshal(e.Trail); err != nil {
		t.Error(err)
	}
}

func explain(r *Request) { r.Explain = true }

func TestChecksSayWhatWouldHaveToChange(t *testing.T) {
	ranges := root(func(n *gitlab.Namespace) { n.IPRanges = []string{"10.0.0.0/8"} })
	samlURL := "https://idp.example.com"
	rows := []struct {
		name  string
		given []with
		want  string
	}{
		{"guest downloads", given(level(gitlab.Guest)), "a role of at least Reporter (20) for @dan in acme/app or a group above it; has Guest (10)"},
		{"reporter pushes", given(level(gitlab.Reporter), push), "a role of at least Developer (30) for @dan in acme/app or a group above it; has Reporter (20)"},
		{"stranger", given(stranger), "a role of at least Guest (10) for @dan in acme/app or a group above it; has none; or a wider visibility; is private"},
		{"nobody", given(nobody), "a role of at least Guest (10) for nobody who is known in acme/app or a group above it; has none; or a wider visibility; is private"},
		{"an address outside", given(ranges, from("192.0.2.1")), "an address within ip_ranges of acme (10.0.0.0/8); is 192.0.2.1"},
		{"unlinked deploy key", given(deployKey(unlinked)), "deploy key 102 to be linked to acme/app, or a visibility of public; is private"},
		{"deploy key that reads pushes", given(deployKey(readLink), push), "deploy key 102 to be linked to acme/app with can_push; is linked for reading"},
		{"deploy key without creator pushes", sshPush(orphaned, "A B refs/heads/feat"), "a creator_id for deploy key 101; a deploy key without creator cannot push"},
		{"no code", given(repositoryFeature(gitlab.FeatureDisabled)), "repository_access_level of acme/app: enabled; is disabled"},
		{"archived", given(push, project(archived)), "archived of acme/app: false; is true"},
		{"rate limit", given(func(r *Request) { r.RateLimited = true }), "the next minute, or a higher gitlab_shell_operation_limit of the instance"},
		{"blocked", given(user(func(u *gitlab.User) { u.State = gitlab.UserBlocked })), "state of @dan: active; is blocked"},
		{"not confirmed", given(user(func(u *gitlab.User) { u.ConfirmedAt = nil })), "confirmed_at of @dan: a time; is null"},
		{"expired key", given(key(func(k *gitlab.Key) { k.ExpiresAt = at(-time.Hour) })), "expires_at of key 102: null, or later than now; is 2026-05-04T11:00:00Z"},
		{"protocol of the group", given(root(func(n *gitlab.Namespace) { n.EnabledGitAccessProtocol = "http" })), `enabled_git_access_protocol of acme: ssh, or ""; is http`},
		{"no session", given(root(func(n *gitlab.Namespace) { n.SAMLSSOURL = &samlURL })), "an active identity of @dan with the identity provider of acme, or saml_enabled of acme: false"},
		{"nothing there", given(missing("acme/x", group("acme"))), "a project at acme/x"},
		{"protected branch", given(push, rules, changes("A B refs/heads/main"), knows), "the right to push by rule main, which lets in Maintainer (40); @dan has Developer (30)"},
		{"forced", given(push, rules, changes("A C refs/heads/main"), knows), "a commit that descends from " + object("A") + ", or allow_force_push of rule main: true"},
		{"protected tag", given(push, rules, changes("Z A refs/tags/v1")), "the right to create by rule v*, which lets in Maintainer (40); @dan has Developer (30)"},
		{"protected branch deleted", given(push, rules, level(gitlab.Maintainer), changes("A Z refs/heads/rel-1")), "the web interface"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			d := Check(ask(append(row.given, explain)...))
			var got string
			for _, step := range d.Trail {
				if step.Name == d.Failed && step.Account != nil {
					got = step.Account.Change
				}
			}
			if got != row.want {
				t.Errorf("%s: %q\nwant %q", d.Failed, got, row.want)
			}
		})
	}
}

func TestExplanationsTellWhatWasNotReached(t *testing.T) {
	rows := []struct {
		name  string
		given []with
	}{
		{"fetch", given(state(gitlab.UserBlocked))},
		{"push", given(push, project(archived))},
		{"push that creates", given(push, missing("dan/fresh", personal(13, "dan")))},
		{"allowed", nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			d := Check(ask(append(row.given, explain)...))
			q := newQuestion(ask(row.given...))
			var want []string
			for i := range checks {
				if checks[i].concerns(q) {
					want = append(want, checks[i].name)
				}
			}
			if got := names(d.Trail); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
			for _, step := range d.Trail {
				if step.Outcome == NotReached && (step.Account != nil || step.Duration != 0) {
					t.Errorf("%s was reached: %+v", step.Name, step)
				}
			}
		})
	}
}

func TestTrailsDoNotAccountUnlessAsked(t *testing.T) {
	for _, given := range [][]with{nil, given(push, rules, changes("A B refs/heads/main"), knows), given(stranger)} {
		for _, step := range Check(ask(given...)).Trail {
			if step.Account != nil || step.Outcome == NotReached {
				t.Errorf("%s: %+v", step.Name, step)
			}
		}
	}
}
