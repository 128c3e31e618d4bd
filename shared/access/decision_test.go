package access

import (
	"slices"
	"strings"
	"testing"

	"postern/shared/gitlab"
)

func names(t Trail) []string {
	list := make([]string, len(t))
	for i := range t {
		list[i] = t[i].Name
	}
	return list
}

func TestTrailsNameTheChecksInTheirOrder(t *testing.T) {
	tests := []struct {
		name  string
		given []with
		want  string
	}{
		{
			"fetch", nil,
			"rate_limit two_factor protocol key_valid user_may_use_git command_known namespace_given " +
				"namespace_access container_exists project_readable deploy_key_address moved repository_exists " +
				"download_permission sso_session",
		},
		{
			"push", given(push),
			"rate_limit maintenance_mode two_factor protocol key_valid user_may_use_git command_known " +
				"instance_writable namespace_given namespace_access project_creation container_exists " +
				"project_readable deploy_key_address moved repository_exists repository_writable not_archived " +
				"deploy_key_write_access uploader_known push_permission changes sso_session",
		},
		{
			"wiki push", given(wiki, push),
			"rate_limit maintenance_mode two_factor protocol key_valid user_may_use_git command_known " +
				"instance_writable namespace_access container_exists project_readable deploy_key_address moved " +
				"repository_exists repository_writable not_archived deploy_key_write_access uploader_known " +
				"push_permission sso_session",
		},
		{
			"snippet push", given(snippet(ofDan), push),
			"rate_limit snippet_exists maintenance_mode two_factor protocol actor_supported key_valid " +
				"user_may_use_git command_known instance_writable namespace_access moved repository_exists uploader_known " +
				"push_permission changes sso_session",
		},
		{
			"design", given(kind(gitlab.DesignRepository), protocol("web")),
			"rate_limit design_protocol design_permission",
		},
		{
			"project created by push", given(push, missing("dan/fresh", personal(13, "dan"))),
			"rate_limit maintenance_mode two_factor protocol key_valid user_may_use_git command_known " +
				"instance_writable namespace_given namespace_access project_creation",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Check(ask(tt.given...))
			explained(t, &d, tt.given)
			if got := strings.Join(names(d.Trail), " "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			for _, step := range d.Trail {
				if step.Outcome != Passed {
					t.Errorf("%s %s", step.Name, step.Outcome)
				}
			}
		})
	}
}

// Each step breaks one more check of the table, the later one first, and must change the answer.
func TestAnEarlierCheckWins(t *testing.T) {
	breaks := []struct {
		check string
		with  with
	}{
		{"sso_session", root(func(n *gitlab.Namespace) { n.SAMLSSOURL = ptr("https://sso") })},
		{"protected_tag", func(r *Request) {
			rules(r)
			changes("A B refs/tags/v1")(r)
		}},
		{"push_permission", func(r *Request) {
			changes(AnyChanges)(r)
			level(gitlab.Reporter)(r)
		}},
		{"not_archived", project(archived)},
		{"repository_writable", project(func(p *gitlab.Project) { p.RepositoryReadOnly = true })},
		{"repository_exists", project(func(p *gitlab.Project) { p.RepositoryExists = false })},
		{"project_readable", stranger},
		{"container_exists", project(func(p *gitlab.Project) { p.PendingDelete = true })},
		{"namespace_access", confinedTo("other")},
		{"instance_writable", instance(readOnly)},
		{"command_known", nil}, // only pushes get here, and they are known
		{"user_may_use_git", state(gitlab.UserBlocked)},
		{"key_valid", key(func(k *gitlab.Key) { k.ExpiresAt = at(0) })},
		{"protocol", instance(only("http"))},
		{"two_factor", func(r *Request) { r.Instance.TwoFactorForCLI, r.Actor.User.TwoFactorEnabled = true, true }},
		{"maintenance_mode", instance(maintenance)},
		{"rate_limit", func(r *Request) { r.RateLimited = true }},
	}
	so := given(push)
	for _, b := range breaks {
		if b.with == nil {
			continue
		}
		so = append(so, b.with)
		d := Check(ask(so...))
		if d.Failed != b.check {
			t.Errorf("failed %q, want %q", d.Failed, b.check)
		}
		if last := d.Trail[len(d.Trail)-1]; last.Name != b.check || last.Outcome != Failed {
			t.Errorf("the trail ends with %s %s, want %s", last.Name, last.Outcome, b.check)
		}
	}
}

func TestTheTableOfChecks(t *testing.T) {
	for _, k := range []kinds{projects, wikis, snippets, designs} {
		seen := map[string]bool{}
		for _, c := range checks {
			if c.kinds&k == 0 {
				continue
			}
			if seen[c.name] {
				t.Errorf("%s is made twice", c.name)
			}
			seen[c.name] = true
			if c.run == nil || c.when == 0 || !strings.HasPrefix(c.says, "Checking ") && !strings.HasPrefix(c.says, "Running ") {
				t.Errorf("%s is incomplete", c.name)
			}
		}
		if !seen["rate_limit"] {
			t.Errorf("kind %b has no rate limit", k)
		}
	}
}

func TestMoves(t *testing.T) {
	moved := func(r *Request) { r.Container.RedirectedPath = "acme/oldname" }
	tests := []struct {
		name   string
		given  []with
		status int
		want   bool
	}{
		{"by the present path", nil, 200, false},
		{"by the old path", given(moved), 200, true},
		{"by the old path, push", given(moved, push), 200, true},
		{"by the old path, wiki", given(moved, wiki), 200, true},
		{"by the old path, project snippet", given(moved, snippet(ofDan)), 200, true},
		{"refused after it was noted", given(moved, level(gitlab.Guest)), 401, true},
		{"refused before", given(moved, stranger), 404, false},
		{"nobody is told", given(moved, nobody, visibility(gitlab.Public)), 200, false},
		{"a deploy key is not told", given(moved, deployKey(readLink)), 200, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := Check(ask(tt.given...)); d.Status != tt.status || d.Moved != tt.want {
				t.Errorf("status %d, moved %t", d.Status, d.Moved)
			}
		})
	}
}

func TestADecisionDoesNotChangeTheRequest(t *testing.T) {
	r := ask(push, missing("dan/fresh", personal(13, "dan")))
	Check(r)
	if r.Container != nil {
		t.Error("the request has got a container")
	}
}

func TestAllowedHasNothingToSay(t *testing.T) {
	d := Check(ask())
	if d.Outcome != Allowed || d.Status != 200 || d.Message != "" || d.Failed != "" || d.Console != nil || d.Moved {
		t.Errorf("got %+v", d)
	}
	if slices.Contains(names(d.Trail), "push_permission") {
		t.Error("a fetch was asked for the right to push")
	}
}
