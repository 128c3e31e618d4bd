package access

import (
	"fmt"
	"strings"
	"testing"

	"postern/shared/gitlab"
)

// sshPush is a push of known changes under the rules of the behavior cases, with Gitaly's answers at hand.
func sshPush(who with, lines string, more ...with) []with {
	return append(given(who, push, byID, rules, knows, changes(lines)), more...)
}

var (
	root1 = as(1, "root", gitlab.NoAccess)
	web   = protocol("web")
	void  = project(func(p *gitlab.Project) { p.EmptyRepo = true })
)

func administrator(r *Request) {
	root1(r)
	r.Actor.User.Admin = true
}

// writes makes a key that writes here, created by @mia, act.
func writes(r *Request) {
	mia(r)
	deployKey(pushLink)(r)
}

func TestBehaviorCasesOfChanges(t *testing.T) {
	const noMain = "\nA default branch (e.g. main) does not yet exist for acme/app\nAsk a project Owner or Maintainer to create a default branch:" +
		"\n\n  https://gitlab.example.com/acme/app/-/project_members\n\n"
	sha := "refs/heads/" + strings.Repeat("ab", 20)
	merging := project(func(p *gitlab.Project) { p.Merging = map[string]string{"7:4": object("B") + " main"} })
	merge30 := func(r *Request) { r.Rules.Branches[0].MergeAccessLevels = levels(gitlab.Developer) }
	rows := []row{
		{"60 developer, unprotected", sshPush(dan, "A B refs/heads/feat"), 200, ""},
		{"61 developer, main", sshPush(dan, "A B refs/heads/main"), 401, "You are not allowed to push code to protected branches on this project."},
		{"62 maintainer, main", sshPush(mia, "A B refs/heads/main"), 200, ""},
		{"63 maintainer, main, forced", sshPush(mia, "A C refs/heads/main"), 401, "You are not allowed to force push code to a protected branch on this project."},
		{"64 forced where the rule allows it", sshPush(dan, "A C refs/heads/dev"), 200, ""},
		{"65 forced, unprotected", sshPush(dan, "A C refs/heads/feat"), 200, ""},
		{"66 default branch deleted", sshPush(administrator, "A Z refs/heads/main"), 401, "The default branch of a project cannot be deleted."},
		{"67 maintainer deletes", sshPush(mia, "A Z refs/heads/rel-1"), 401, "You can only delete protected branches using the web interface."},
		{"68 developer deletes", sshPush(dan, "A Z refs/heads/rel-1"), 401, "You are not allowed to delete protected branches from this project. " +
			"Only a project maintainer or owner can delete a protected branch."},
		{"69 maintainer deletes on the web", sshPush(mia, "A Z refs/heads/rel-1", web), 200, ""},
		{"70 level no one", sshPush(mia, "A B refs/heads/rel-1"), 401, textPushProtected},
		{"71 developer creates", sshPush(dan, "Z B refs/heads/rel-2"), 401, "You are not allowed to create protected branches on this project."},
		{"72 maintainer creates over ssh", sshPush(mia, "Z B refs/heads/rel-2", tips("B")), 401, "You can only create protected branches using the web interface and API."},
		{"73 created from nothing protected", sshPush(mia, "Z C refs/heads/rel-2", tips("A", "B")), 401, "You can only use an existing protected branch ref as the basis of a new protected branch."},
		{"74 second line refused", sshPush(dan, "A B refs/heads/feat A B refs/heads/main"), 401, textPushProtected},
		{"75 developer creates a protected tag", sshPush(dan, "Z B refs/tags/v2"), 401, "You are not allowed to create this tag as it is protected."},
		{"76 protected tag updated", sshPush(mia, "A B refs/tags/v1.0"), 401, "Protected tags cannot be updated."},
		{"77 developer changes a tag", sshPush(dan, "A B refs/tags/t1"), 200, ""},
		{"78 name like an object", sshPush(dan, "Z B "+sha), 401, "You cannot create a branch with a SHA-1 or SHA-256 branch name."},
		{"79 developer, empty repository", sshPush(dan, "Z A refs/heads/main", void), 401, noMain},
		{"80 maintainer, empty repository", sshPush(mia, "Z A refs/heads/main", void), 200, ""},
		{"84 merge in progress", sshPush(dan, "A B refs/heads/main", web, merge30, merging), 200, ""},
		{"85a deploy key", sshPush(writes, "A B refs/heads/feat"), 200, ""},
		{"85b deploy key, main", sshPush(writes, "A B refs/heads/main"), 200, ""},
		{"85c deploy key of a blocked creator", sshPush(writes, "A B refs/heads/feat", state(gitlab.UserBlocked)), 401, "You are not allowed to push code to this project."},
		{"86 snippet", given(dan, push, snippet(ofDan), changes("Z A refs/heads/x")), 401, "You can not create or delete branches."},
	}
	for i := range rows {
		rows[i].given = append(given(community), rows[i].given...)
	}
	decide(t, rows)
}

func TestWhoPushesToARef(t *testing.T) {
	invited := func(r *Request) { r.Collaborations = []string{"topic/x"} }
	creatorGone := func(r *Request) { r.CreatorMembers = nil }
	decide(t, []row{
		{"reporter", sshPush(rita, "A B refs/heads/feat"), 401, textPush},
		{"reporter invited to the branch", sshPush(rita, "A B refs/heads/topic/x", invited), 200, ""},
		{"reporter invited to another branch", sshPush(rita, "A B refs/heads/feat", invited), 401, textPush},
		{"reporter invited to a branch, pushes a tag of its name", sshPush(rita, "Z B refs/tags/topic/x", invited), 401, textPush},
		{"developer, a ref that is neither branch nor tag", sshPush(dan, "A C refs/notes/commits"), 200, ""},
		{"reporter, a ref that is neither", sshPush(rita, "A B refs/notes/commits"), 401, textPush},
		{"repository disabled", sshPush(mia, "A B refs/heads/feat", repositoryFeature(gitlab.FeatureDisabled)), 401, textPush},
		{"deploy key whose creator has left", sshPush(writes, "A B refs/heads/feat", creatorGone), 401, textPush},
		{"deploy key whose creator has left a public project", sshPush(
			writes, "A B refs/heads/feat", creatorGone, visibility(gitlab.Public),
		), 200, ""},
		{"deploy key of an external creator, internal project", sshPush(
			writes, "A B refs/heads/feat", creatorGone, visibility(gitlab.Internal), external,
		), 401, textPush},
		{"deploy key of nobody", sshPush(writes, "A B refs/heads/feat", func(r *Request) { r.Actor.User = nil }), 401, textPush},
		{"deploy key of the ghost", sshPush(
			writes, "A B refs/heads/feat", user(func(u *gitlab.User) { u.UserType = gitlab.UserGhost }),
		), 401, textPush},
		{"SHA-256 ids", sshPush(dan, strings.Repeat("0", 64)+" "+strings.Repeat("a", 64)+" refs/heads/feat"), 200, ""},
		{"any bytes", sshPush(dan, "A B refs/heads/f\xff\xfeö"), 200, ""},
	})
}

func TestProtectedBranches(t *testing.T) {
	two := protectedBy(branchRule("ma*", gitlab.Developer, gitlab.Developer))
	named := func(g gitlab.Grantee) with {
		return protectedBy(gitlab.ProtectedBranch{Name: "only", PushAccessLevels: []gitlab.Grantee{{AccessLevel: ptr(gitlab.NoAccess)}, g}})
	}
	member := func(r *Request) { r.Rules.Groups = []gitlab.ID{30} }
	holds := func(r *Request) { r.Rules.DeployKeys = []gitlab.ID{202} }
	only60 := protectedBy(branchRule("only", gitlab.Admin, gitlab.Admin))
	const only = "A B refs/heads/only"
	decide(t, []row{
		{"the most permissive rule counts", sshPush(dan, "A B refs/heads/main", two), 200, ""},
		{"none of the rules allows force", sshPush(dan, "A C refs/heads/main", two), 401, textForcePush},
		{"administrator passes 40", sshPush(administrator, "A B refs/heads/main"), 200, ""},
		{"administrator is stopped by no one", sshPush(administrator, "A B refs/heads/rel-1"), 401, textPushProtected},
		{"level 60, administrator", sshPush(administrator, only, only60), 200, ""},
		{"level 60, owner", sshPush(as(9, "owner", gitlab.Owner), only, only60), 401, textPushProtected},
		{"the user named", sshPush(dan, only, named(gitlab.Grantee{UserID: ptr[gitlab.ID](13)})), 200, ""},
		{"another user named", sshPush(dan, only, named(gitlab.Grantee{UserID: ptr[gitlab.ID](12)})), 401, textPushProtected},
		{"member of the group named", sshPush(dan, only, named(gitlab.Grantee{GroupID: ptr[gitlab.ID](30)}), member), 200, ""},
		{"no member of the group named", sshPush(dan, only, named(gitlab.Grantee{GroupID: ptr[gitlab.ID](30)})), 401, textPushProtected},
		{"creator of the deploy key named", sshPush(
			mia, only, named(gitlab.Grantee{DeployKeyID: ptr[gitlab.ID](202)}), holds,
		), 200, ""},
		{"the deploy key named", sshPush(writes, only, named(gitlab.Grantee{DeployKeyID: ptr[gitlab.ID](202)}), holds), 200, ""},
		{"the deploy key named, its creator no member", sshPush(
			writes, only, named(gitlab.Grantee{DeployKeyID: ptr[gitlab.ID](202)}), holds, visibility(gitlab.Public),
			func(r *Request) { r.CreatorMembers = nil },
		), 401, textPushProtected},
		{"deploy key, level no one", sshPush(writes, "A B refs/heads/rel-1"), 401, textPushProtected},
		{"a rule without entries lets nobody in", sshPush(mia, only, protectedBy(gitlab.ProtectedBranch{Name: "only"})), 401, textPushProtected},
		{"case counts", sshPush(dan, "A B refs/heads/MAIN"), 200, ""},
		{"a star covers slashes", sshPush(dan, "A B refs/heads/rel-1/x/y"), 401, textPushProtected},
		{"anchored", sshPush(dan, "A B refs/heads/my-rel-1"), 200, ""},

		{"created on the web from a protected branch", sshPush(mia, "Z B refs/heads/rel-2", web, tips("A", "B")), 200, ""},
		{"created on the web from none", sshPush(mia, "Z C refs/heads/rel-2", web, tips("A", "B")), 401, textBranchBasis},
		{"created where no protected branch is", sshPush(mia, "Z B refs/heads/rel-2", web, tips()), 401, textBranchBasis},
		{"created by the right to push", sshPush(dan, "Z C refs/heads/dev"), 200, ""},
		{"merge in progress without the right to merge", sshPush(
			dan, "A B refs/heads/main", web, project(func(p *gitlab.Project) { p.Merging = map[string]string{"7:4": object("B") + " main"} }),
		), 401, textMergeProtected},
		{"merge in progress into another branch", sshPush(
			dan, "A B refs/heads/main", web, project(func(p *gitlab.Project) { p.Merging = map[string]string{"7:4": object("B") + " dev"} }),
		), 401, textPushProtected},
		{"invalid name", sshPush(dan, "Z B refs/heads/-x"), 401, textBranchName},
		{"invalid name deleted", sshPush(dan, "A Z refs/heads/-x"), 200, ""},
		{"name like an object deleted", sshPush(dan, "A Z refs/heads/"+object("A")), 200, ""},
		{"name that begins like an object", sshPush(dan, "Z B refs/heads/"+object("A")+"-x"), 401, textBranchLikeID},
		{"39 digits", sshPush(dan, "Z B refs/heads/"+object("A")[1:]), 200, ""},
	})
}

func TestEmptyRepositories(t *testing.T) {
	setting := func(n int) with { return root(func(ns *gitlab.Namespace) { ns.DefaultBranchProtection = &n }) }
	const first = "Z A refs/heads/trunk"
	refused := fmt.Sprintf(textNoDefaultBranch, "acme/app", "https://gitlab.example.com/acme/app")
	decide(t, []row{
		{"no protection", sshPush(dan, first, void, setting(0)), 200, ""},
		{"developers push", sshPush(dan, first, void, setting(1)), 200, ""},
		{"full", sshPush(dan, first, void, setting(2)), 401, refused},
		{"against pushes", sshPush(dan, first, void, setting(3)), 401, refused},
		{"full after the first push", sshPush(dan, first, void, setting(4)), 200, ""},
		{"administrator", sshPush(administrator, first, void), 200, ""},
		{"not empty", sshPush(dan, first, setting(2)), 200, ""},
		{"a rule that lets developers push", sshPush(dan, "Z A refs/heads/dev", void), 200, ""},
		{"deploy key of a maintainer", sshPush(writes, first, void), 200, ""},
	})
}

func TestTags(t *testing.T) {
	reader := func(r *Request) { r.CreatorMembers = []gitlab.Member{{AccessLevel: gitlab.Reporter}} }
	more := func(r *Request) {
		r.Rules.Tags = append(r.Rules.Tags, gitlab.ProtectedTag{Name: "v9*", CreateAccessLevels: levels(gitlab.Developer)})
	}
	decide(t, []row{
		{"maintainer creates a protected one", sshPush(mia, "Z B refs/tags/v2"), 200, ""},
		{"developer creates one", sshPush(dan, "Z B refs/tags/t2"), 200, ""},
		{"the most permissive rule counts", sshPush(dan, "Z B refs/tags/v9.1", more), 200, ""},
		{"deploy key creates a protected one", sshPush(writes, "Z B refs/tags/v2"), 200, ""},
		{"deploy key of a reporter changes one", sshPush(writes, "A B refs/tags/t1", reader), 401, textChangeTag},
		{"deploy key of a reporter deletes one", sshPush(writes, "A Z refs/tags/t1", reader), 401, textChangeTag},
		{"developer deletes one", sshPush(dan, "A Z refs/tags/t1"), 200, ""},
		{"developer deletes a protected one", sshPush(dan, "A Z refs/tags/v1"), 401, textDeleteProtectedTag},
		{"maintainer deletes a protected one", sshPush(mia, "A Z refs/tags/v1"), 401, textDeleteTagOnWeb},
		{"maintainer deletes a protected one on the web", sshPush(mia, "A Z refs/tags/v1", web), 200, ""},
		{"named like the default branch", sshPush(mia, "Z B refs/tags/main"), 401, textTagLikeBranch},
		{"named like the default branch, changed", sshPush(mia, "A B refs/tags/main"), 200, ""},
		{"not UTF-8", sshPush(mia, "Z B refs/tags/t\xff"), 401, textTagEncoding},
		{"not UTF-8, deleted", sshPush(mia, "A Z refs/tags/t\xff"), 200, ""},
		{"a full name as name", sshPush(mia, "Z B refs/tags/refs/tags/t"), 401, textTagPattern},
		{"like an option", sshPush(mia, "Z B refs/tags/-d"), 401, textTagPattern},
		{"like an object", sshPush(mia, "Z B refs/tags/"+object("A")), 401, textTagLikeID},
	})
}
