package access

import (
	"fmt"
	"testing"

	"postern/shared/gitlab"
)

// headIs gives Gitaly's answer about the default branch.
func headIs(branch string) with {
	return func(r *Request) { r.History.DefaultBranch, r.History.DefaultBranchKnown = branch, true }
}

func TestOldIDsOutweighEmptyFlag(t *testing.T) {
	decide(t, []row{
		{"developer updates a branch under a rule", sshPush(dan, "A B refs/heads/rel-1", void, headIs("main")), 401, textPushProtected},
		{"maintainer updates a branch of level 0", sshPush(mia, "A B refs/heads/rel-1", void, headIs("main")), 401, textPushProtected},
		{"maintainer forces a push", sshPush(mia, "A C refs/heads/main", void, headIs("main")), 401, textForcePush},
		{"developer updates another branch", sshPush(dan, "A B refs/heads/feat", void, headIs("main")), 200, ""},
		{"an invented update beside the first branch", sshPush(
			dan, "A B refs/heads/feat Z B refs/heads/trunk", void, headIs(""),
		), 401, fmt.Sprintf(textNoDefaultBranch, "acme/app", "https://gitlab.example.com/acme/app")},
		{"maintainer deletes the default branch", sshPush(mia, "A Z refs/heads/trunk", void, headIs("trunk")), 401, textDefaultBranch},
	})
}

func TestPendingRuleProtectsNewDefaultBranch(t *testing.T) {
	setting := func(n int) with { return root(func(ns *gitlab.Namespace) { ns.DefaultBranchProtection = &n }) }
	bare := func(r *Request) { r.Rules.Branches = nil }
	given := func(who with, lines string, n int) []with {
		return sshPush(who, lines, void, bare, setting(n), headIs("trunk"))
	}
	decide(t, []row{
		{"developer, full", given(dan, "A B refs/heads/trunk", 2), 401, textPushProtected},
		{"developer, full after the first push", given(dan, "A B refs/heads/trunk", 4), 401, textPushProtected},
		{"developer, partial", given(dan, "A B refs/heads/trunk", 1), 200, ""},
		{"developer, none", given(dan, "A C refs/heads/trunk", 0), 200, ""},
		{"maintainer, full", given(mia, "A B refs/heads/trunk", 2), 200, ""},
		{"maintainer forces, full", given(mia, "A C refs/heads/trunk", 2), 401, textForcePush},
		{"developer forces, partial", given(dan, "A C refs/heads/trunk", 1), 401, textForcePush},
		{"developer, another branch", given(dan, "A C refs/heads/feat", 2), 200, ""},
	})
}

func TestUnknownDefaultBranchIsAskedFor(t *testing.T) {
	d := Check(ask(sshPush(dan, "A B refs/heads/feat", void)...))
	if d.Outcome != AskHistory || !d.Ask.DefaultBranch {
		t.Errorf("outcome %q, ask %+v", d.Outcome, d.Ask)
	}
	if d := Check(ask(sshPush(dan, "A B refs/heads/main", void)...)); d.Ask.DefaultBranch {
		t.Error("a stored rule covers the branch, and Gitaly is asked all the same")
	}
}

func TestWikiRepositories(t *testing.T) {
	unmade := project(func(p *gitlab.Project) { p.WikiRepositoryExists = new(bool) })
	decide(t, []row{
		{"developer fetches", given(dan, wiki, unmade), 404, textNoWikiRepository},
		{"reporter pushes", given(level(gitlab.Reporter), wiki, push, unmade), 404, textNoWikiRepository},
		{"developer pushes", given(dan, wiki, push, unmade), 200, ""},
		{"developer fetches the project", given(dan, unmade), 200, ""},
		{"stranger pushes", given(level(gitlab.NoAccess), wiki, push, unmade), 404, textNoWiki},
	})
}

func TestSnippetRepositories(t *testing.T) {
	empty := func(s *gitlab.Snippet) { s.EmptyRepo = true }
	missing := func(s *gitlab.Snippet) { s.RepositoryExists = new(bool) }
	unnamed := func(s *gitlab.Snippet) { s.EmptyRepo, s.DefaultBranch = true, "" }
	pushed := func(change func(*gitlab.Snippet), lines string) []with {
		return given(dan, push, byID, snippet(change), changes(lines))
	}
	decide(t, []row{
		{"no repository, fetch", given(dan, snippet(missing)), 404, textNoSnippetRepository},
		{"no repository, push", given(dan, push, snippet(missing)), 404, textNoSnippetRepository},
		{"default branch created", pushed(ofDan, "Z A refs/heads/main"), 200, ""},
		{"default branch created, empty", pushed(empty, "Z A refs/heads/main"), 200, ""},
		{"another branch created, empty", pushed(empty, "Z A refs/heads/trunk"), 200, ""},
		{"another branch created", pushed(ofDan, "Z A refs/heads/trunk"), 401, textSnippetBranches},
		{"tag created", pushed(ofDan, "Z A refs/tags/main"), 401, textSnippetBranches},
		{"branch deleted", pushed(empty, "A Z refs/heads/main"), 401, textSnippetBranches},
		{"personal snippet filled", given(dan, push, byID, personalSnippet(empty), changes("Z A refs/heads/main")), 200, ""},
		{"personal snippet updated", given(dan, push, byID, personalSnippet(ofDan), changes("A B refs/heads/main")), 200, ""},
		{"personal snippet, another branch", given(dan, push, byID, personalSnippet(ofDan), changes("Z A refs/heads/x")), 401, textSnippetBranches},
		{"no default branch", pushed(unnamed, "Z A refs/heads/main"), 401, textSnippetBranches},
	})
}
