package access

import (
	"fmt"
	"slices"
	"strings"

	"postern/shared/gitlab"
)

// What the checks of single refs say of themselves.

const theWeb = "the web interface"

// tellRef opens the steps of one change.
func tellRef(c *change) Account {
	return Account{Looked: Facts{"ref": c.Ref, "old": c.Old, "new": c.New}}
}

// pusherStanding is who pushes and with which role: that of a deploy key's creator, once refs are judged.
func (q *question) pusherStanding() Facts {
	if !q.Actor.DeployKey() {
		return q.standing()
	}
	return Facts{
		"actor": q.who(), "pusher": q.pusherName(), "role": Role(q.pusherLevel()), "memberships": q.memberships(q.CreatorMembers),
	}
}

// pusherName names whose rights count.
func (q *question) pusherName() string {
	switch {
	case q.pusher() == nil:
		return "the creator of " + q.who() + ", who is not known"
	case q.Actor.DeployKey():
		return "@" + q.pusher().Username + ", who made " + q.who()
	}
	return q.who()
}

// pusherNeeds says which role it would take of whose rights count.
func (q *question) pusherNeeds(needed gitlab.AccessLevel) string {
	return q.needsRole(q.pusherName(), q.pusherLevel(), needed)
}

// tellRefPush accounts for the right to push that comes before all rules; with a deploy key it is that of its creator.
func tellRefPush(q *question, _ *change) Account {
	a := Account{Looked: q.pusherStanding()}
	level := q.Container.Project.RepositoryAccessLevel
	a.Looked["repository_access_level"], a.Looked["collaborations"] = level, q.Collaborations
	switch {
	case level == gitlab.FeatureDisabled:
		a.Change = setting("repository_access_level", q.where(), gitlab.FeatureEnabled, level)
	case !q.Actor.DeployKey():
		a.Change = q.actorNeeds(gitlab.Developer)
	case !q.keyHasCreator():
		a.Change = fmt.Sprintf("a creator_id for %s; a deploy key without creator cannot push", q.who())
	case q.pusher() != nil && q.usesGit(q.pusher()) != (verdict{}):
		a.Change = q.accountNeeds(q.pusher())
	default:
		a.Change = q.pusherNeeds(gitlab.Guest)
	}
	return a
}

// tellDefaultBranch accounts for the one branch that cannot be deleted.
func tellDefaultBranch(q *question, c *change) Account {
	branch := q.defaultBranch()
	return Account{
		Looked: Facts{"default_branch": branch, "deletes": c.Deletes()},
		Change: setting("default_branch", q.where(), "another branch", branch),
	}
}

func tellBranchName(_ *question, c *change) Account { return tellName(c) }

func tellTagName(_ *question, c *change) Account { return tellName(c) }

// tellName accounts for the name of a ref.
func tellName(c *change) Account {
	return Account{
		Looked: Facts{"name": c.name, "valid": gitlab.ValidRefName(c.name), "like_object_id": gitlab.LikeObjectID(c.name)},
		Change: fmt.Sprintf("another name; is %q", c.name),
	}
}

// tellForced says what Gitaly has answered, and null where it was not asked.
func tellForced(q *question, c *change) Account {
	forward, known := q.History.Descents[Descent{Ancestor: c.Old, Descendant: c.New}]
	a := Account{
		Looked: Facts{"rules": q.tellRules(c.rules), "updates": c.Updates(), "empty_repo": q.Container.Project.EmptyRepo, "forced": nil},
		Change: fmt.Sprintf("a commit that descends from %s, or allow_force_push of %s: true", c.Old, ruleNames(c.rules)),
	}
	if known {
		a.Looked["forced"] = !forward
	}
	return a
}

// tellRules tells whom rules let in.
func (q *question) tellRules(rules branchRules) []Facts {
	told := make([]Facts, len(rules))
	for i, r := range rules {
		told[i] = Facts{
			"name": r.Name, "of": q.ruleOf(r), "allow_force_push": r.AllowForcePush,
			"push_access_levels": grantees(r.PushAccessLevels), "merge_access_levels": grantees(r.MergeAccessLevels),
		}
	}
	return told
}

// ruleOf names the project or the group that a rule is of.
func (q *question) ruleOf(r *gitlab.ProtectedBranch) string {
	for i, chain := 0, q.chain(); i < len(chain); i++ {
		if r.NamespaceID != nil && chain[i].ID == *r.NamespaceID {
			return chain[:i+1].FullPath()
		}
	}
	return q.where()
}

// ruleNames names rules in a sentence.
func ruleNames(rules branchRules) string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = "rule " + r.Name
	}
	return strings.Join(names, " or ")
}

// grantees words the entries of a rule.
func grantees(entries []gitlab.Grantee) []string {
	words := make([]string, len(entries))
	for i, g := range entries {
		switch {
		case g.AccessLevel != nil && *g.AccessLevel == gitlab.NoAccess:
			words[i] = "no one (0)"
		case g.AccessLevel != nil:
			words[i] = Role(*g.AccessLevel)
		case g.UserID != nil:
			words[i] = fmt.Sprintf("user %d", *g.UserID)
		case g.GroupID != nil:
			words[i] = fmt.Sprintf("group %d", *g.GroupID)
		case g.DeployKeyID != nil:
			words[i] = fmt.Sprintf("deploy key %d", *g.DeployKeyID)
		}
	}
	return words
}

// granting says which entries of rules would let the pusher through.
func (q *question) granting(right string, rules branchRules, of func(*gitlab.ProtectedBranch) []gitlab.Grantee) string {
	if len(rules) == 0 {
		return fmt.Sprintf("no default_branch_protection of %s while the repository is empty, or %s",
			q.chain().FullPath(), q.pusherNeeds(gitlab.Maintainer))
	}
	var words []string
	for _, r := range rules {
		words = append(words, grantees(of(r))...)
	}
	slices.Sort(words)
	return fmt.Sprintf("the right to %s by %s, which lets in %s; %s has %s",
		right, ruleNames(rules), strings.Join(slices.Compact(words), ", "), q.pusherName(), Role(q.pusherLevel()))
}

func pushLevels(r *gitlab.ProtectedBranch) []gitlab.Grantee  { return r.PushAccessLevels }
func mergeLevels(r *gitlab.ProtectedBranch) []gitlab.Grantee { return r.MergeAccessLevels }

// tellProtectedBranch accounts for the rules that cover a branch, by what the change does to it.
func tellProtectedBranch(q *question, c *change) Account {
	a := Account{Looked: q.pusherStanding()}
	a.Looked["rules"], a.Looked["protected"], a.Looked["protocol"] = q.tellRules(c.rules), q.protected(c), q.Protocol
	push := q.granting("push", c.rules, pushLevels)
	switch {
	case c.Deletes() && q.pusherLevel() < gitlab.Maintainer:
		a.Change = q.pusherNeeds(gitlab.Maintainer) + "; and " + theWeb
	case c.Deletes():
		a.Change = theWeb
	case c.Updates(), q.fills(c):
		a.Change = push
		if q.merging(c) {
			a.Change += "; or " + q.granting("merge", c.rules, mergeLevels)
		}
	case !q.mayMergeBy(c.rules):
		a.Change = push + "; or " + q.granting("merge", c.rules, mergeLevels)
	case !q.History.TipsKnown:
		a.Change = "the repository to tell where its protected branches are"
	default:
		a.Change = push + "; or " + theWeb + " and a commit that a protected branch has"
	}
	return a
}

// tellTagChange accounts for the role that changing a tag takes which is there.
func tellTagChange(q *question, c *change) Account {
	a := Account{Looked: q.pusherStanding(), Change: q.pusherNeeds(gitlab.Developer)}
	a.Looked["creates"] = c.Creates()
	return a
}

// tellProtectedTag does the same for tags. Whatever a rule says, a tag that it covers cannot be changed.
func tellProtectedTag(q *question, c *change) Account {
	a := Account{Looked: q.pusherStanding()}
	var rules, to []string
	for i := range q.Rules.Tags {
		if rule := &q.Rules.Tags[i]; rule.Matches(c.name) {
			rules, to = append(rules, "rule "+rule.Name), append(to, grantees(rule.CreateAccessLevels)...)
		}
	}
	a.Looked["rules"], a.Looked["create_access_levels"], a.Looked["protocol"] = rules, to, q.Protocol
	names := strings.Join(rules, " or ")
	switch {
	case c.Updates():
		a.Change = "another tag, or none of " + names
	case c.Creates():
		a.Change = fmt.Sprintf("the right to create by %s, which lets in %s; %s has %s",
			names, strings.Join(to, ", "), q.pusherName(), Role(q.pusherLevel()))
	case q.pusherLevel() < gitlab.Maintainer:
		a.Change = q.pusherNeeds(gitlab.Maintainer) + "; and " + theWeb
	default:
		a.Change = theWeb
	}
	return a
}

// tellSnippetBranches accounts for the branches that a snippet may have.
func tellSnippetBranches(q *question, c *change) Account {
	return Account{
		Looked: Facts{
			"updates": c.Updates(), "default_branch": q.Container.Snippet.DefaultBranch, "empty_repo": q.Container.Snippet.EmptyRepo,
		},
		Change: "an update of the snippet's branch, or the creation of its default branch",
	}
}
