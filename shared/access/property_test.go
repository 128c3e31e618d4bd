package access

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/gitlab"
)

var everyLevel = []gitlab.AccessLevel{
	gitlab.NoAccess, gitlab.Guest, gitlab.Planner, gitlab.Reporter, gitlab.Developer, gitlab.Maintainer, gitlab.Owner,
}

// some draws one of the given values.
func some[T any](t *rapid.T, label string, values ...T) T {
	return rapid.SampledFrom(values).Draw(t, label)
}

// rarely draws true once in about eight times, so that most requests get far down the table.
func rarely(t *rapid.T, label string) bool { return rapid.IntRange(0, 7).Draw(t, label) == 0 }

// drawRequest returns any request, by any actor, for any kind of repository.
func drawRequest(t *rapid.T) *Request {
	r := ask()
	r.Action = some(t, "action", UploadPack, UploadArchive, ReceivePack, ReceivePack)
	r.Protocol = some(t, "protocol", "ssh", "http", "web", "")
	changes(some(t, "changes", AnyChanges, AnyChanges, "", realChanges, "A B refs/heads/main", "Z B refs/heads/rel-2",
		"A C refs/heads/main", "A C refs/heads/dev A Z refs/tags/v1", "Z A refs/tags/v2", "A Z refs/heads/rel-1"))(r)
	rules(r)
	some(t, "Gitaly", func(*Request) {}, knows)(r)
	drawContainer(t, r)
	drawActor(t, r)
	drawSettings(t, r)
	return r
}

func drawContainer(t *rapid.T, r *Request) {
	some(t, "container",
		func(*Request) {}, func(*Request) {}, wiki, groupWiki, snippet(ofDan), snippet(ofAnother), personalSnippet(ofDan),
		kind(gitlab.DesignRepository), in(personal(13, "dan")), in(personal(12, "mia")),
	)(r)
	features := []gitlab.FeatureLevel{gitlab.FeatureEnabled, gitlab.FeaturePrivate, gitlab.FeatureDisabled}
	shown := some(t, "visibility", gitlab.Public, gitlab.Internal, gitlab.Private)
	if p := r.Container.Project; p != nil {
		p.Visibility = shown
		p.RepositoryAccessLevel = some(t, "repository", features...)
		p.WikiAccessLevel = some(t, "wiki", features...)
		p.SnippetsAccessLevel = some(t, "snippets", features...)
		p.Archived, p.RepositoryReadOnly = rarely(t, "archived"), rarely(t, "read-only")
		p.RepositoryExists, p.PendingDelete = !rarely(t, "lost"), rarely(t, "deleted")
	}
	if g := r.Container.Group; g != nil {
		g.Visibility = shown
	}
	if s := r.Container.Snippet; s != nil {
		s.Visibility = some(t, "snippet's visibility", gitlab.Public, gitlab.Internal, gitlab.Private)
	}
}

func drawActor(t *rapid.T, r *Request) {
	some(t, "actor",
		func(*Request) {}, func(*Request) {}, byUser, admin, external, ownerlessKey, nobody,
		deployKey(unlinked), deployKey(readLink), deployKey(pushLink),
	)(r)
	if r.Actor.Person() != nil {
		level(some(t, "level", everyLevel...))(r)
	} else {
		r.Members = nil
	}
	if r.Actor.User != nil && rarely(t, "blocked") {
		r.Actor.User.State = gitlab.UserBlocked
	}
	if r.Actor.Key != nil && rarely(t, "key expires") {
		r.Actor.Key.ExpiresAt = at(0)
	}
}

func drawSettings(t *rapid.T, r *Request) {
	if rapid.Bool().Draw(t, "community") {
		community(r)
	}
	r.Instance.MaintenanceMode = rarely(t, "maintenance")
	r.Instance.ReadOnly = rarely(t, "instance read-only")
	r.RateLimited = rarely(t, "rate limited")
	if rarely(t, "collaborating") {
		r.Collaborations = []string{"feat"}
	}
	r.SSOSession = rapid.Bool().Draw(t, "session")
	if rarely(t, "confined") {
		confinedTo(some(t, "to", "acme", "other", "dan"))(r)
	}
	if root := r.Container.Chain.Root(); root != nil {
		root.EnforceSSHCertificates = rarely(t, "certificates")
		root.EnabledGitAccessProtocol = some(t, "group's protocol", "", "", "", "ssh", "http")
		if rarely(t, "addresses") {
			root.IPRanges = []string{"192.0.2.0/24"}
			r.CheckIP = some(t, "address", "", "192.0.2.1", "203.0.113.5")
		}
		if rarely(t, "saml") {
			root.SAMLSSOURL = ptr("https://sso")
		}
	}
}

func TestAHigherLevelNeverTakesAccessAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		if r.Actor.Person() == nil {
			return
		}
		wasAllowed := false
		for _, l := range everyLevel {
			level(l)(r)
			d := Check(r)
			if wasAllowed && d.Outcome == Denied {
				t.Fatalf("denied at level %d: %d %s", l, d.Status, d.Message)
			}
			wasAllowed = d.Outcome != Denied
		}
	})
}

func TestNobodyNeverPushes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		some(t, "nobody", nobody, func(r *Request) { r.Actor.User, r.Members = nil, nil })(r)
		if r.Actor.DeployKey() {
			return
		}
		r.Action = ReceivePack
		if d := Check(r); d.Outcome != Denied {
			t.Fatalf("%s", d.Outcome)
		}
	})
}

func TestWhatIsHiddenLooksLikeWhatIsMissing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		if project := r.Container.Project; project != nil {
			project.PendingDelete = false // its path is taken, which is told to those who may create one there
		}
		if newQuestion(r).visible() || (r.Container.Snippet != nil && r.Container.Project == nil) {
			return
		}
		some(t, "named by", func(*Request) {}, byID)(r)
		// A missing group's wiki is asked for like a project's, and a missing project has at most a parent.
		absent := *r
		absent.Container = nil
		if rapid.Bool().Draw(t, "parent is there") && r.Action == ReceivePack {
			absent.Parent = r.Container.Chain
		}
		hidden, missing := Check(r), Check(&absent)
		if hidden.Outcome != missing.Outcome || hidden.Status != missing.Status || hidden.Message != missing.Message ||
			hidden.Moved != missing.Moved || !slices.Equal(hidden.Console, missing.Console) {
			t.Fatalf("hidden: %d %s\nmissing: %d %s", hidden.Status, hidden.Message, missing.Status, missing.Message)
		}
	})
}

func TestDecisionsAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		d := Check(r)
		letIn := d.Outcome == Allowed
		switch {
		case letIn != (d.Status == 200), letIn != (d.Failed == ""), (d.Outcome == Denied) != (d.Message != ""):
			t.Fatalf("incoherent: %+v", d)
		case !slices.Contains([]int{200, 401, 404, 422, 429, 503}, d.Status):
			t.Fatalf("status %d", d.Status)
		case (d.Outcome == AskHistory) == d.Ask.Nothing():
			t.Fatalf("asks for %+v: %+v", d.Ask, d)
		case d.Outcome == AskHistory && (r.Action != ReceivePack || len(r.Refs) == 0):
			t.Fatalf("nothing to ask: %+v", d)
		}
		for i, step := range d.Trail {
			if last := i == len(d.Trail)-1; (step.Outcome == Passed) == (last && !letIn) {
				t.Fatalf("step %s %s of %s", step.Name, step.Outcome, d.Outcome)
			}
		}
	})
}

// The first check that fails decides: what would only be refused later makes no difference to it.
func TestLaterTroubleDoesNotChangeARefusal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		before := Check(r)
		later := []string{"project_readable", "container_exists", "key_valid", "user_may_use_git", "rate_limit"}
		if !slices.Contains(later, before.Failed) || r.Container.Project == nil {
			return
		}
		r.Container.Project.Archived, r.Container.Project.RepositoryExists = true, false
		r.Container.Project.RepositoryReadOnly = true
		if after := Check(r); after.Failed != before.Failed || after.Message != before.Message {
			t.Fatalf("before: %s, after: %s", before.Failed, after.Failed)
		}
	})
}
