package access

import "postern/shared/gitlab"

// refs is a set of kinds of refs.
type refs uint8

const (
	branchRefs refs = 1 << iota
	tagRefs
	otherRefs

	everyRef = branchRefs | tagRefs | otherRefs
)

// change is a change of one ref with what several checks need to know of it.
type change struct {
	gitlab.Change
	kind  refs
	name  string      // without its folder, where that is the one of branches or tags
	rules branchRules // that cover a branch
}

// refCheck is one row of the table of checks that are made for every changed ref.
type refCheck struct {
	name string
	refs refs
	run  func(q *question, c *change) verdict
	says string
	tell func(q *question, c *change) Account
}

// refChecks are made for each change in turn; the first refusal refuses the whole push (internal API, allowed).
//
// Not among them, because nothing in the directory or in the one question to Gitaly tells of them: paths locked in Git
// LFS, missing LFS objects, limits on the sizes of files.
var refChecks = []refCheck{
	{"ref_push", everyRef, mayPushRef, sayPush, tellRefPush},
	{"default_branch", branchRefs, keepsDefaultBranch, "Checking if the default branch is kept", tellDefaultBranch},
	{"branch_name", branchRefs, branchNamed, "Checking the name of the branch", tellBranchName},
	{"force_push", branchRefs, notForced, "Checking if you are force pushing to a protected branch", tellForced},
	{"protected_branch", branchRefs, protectedBranch, "Checking if you are allowed to change a protected branch", tellProtectedBranch},
	{"tag_change", tagRefs, mayChangeTag, "Checking if you are allowed to change existing tags", tellTagChange},
	{"tag_name", tagRefs, tagNamed, "Checking the name of the tag", tellTagName},
	{"protected_tag", tagRefs, protectedTag, "Checking if the tag is protected", tellProtectedTag},
}

// snippetRefChecks take their place in snippets, where the number and the sizes of files are not known here either.
var snippetRefChecks = []refCheck{
	{"snippet_branches", everyRef, snippetBranches, "Checking if branches are created or deleted", tellSnippetBranches},
}

// changesAllowed judges the changes of a push one by one. What only Gitaly knows is asked for at once for all of them: the
// answers are then taken to be harmless until they are known, up to the first change that is refused for anything else.
func changesAllowed(q *question) verdict {
	if q.Changes == AnyChanges || len(q.Refs) == 0 {
		return verdict{}
	}
	table := refChecks
	if q.kinds == snippets {
		table = snippetRefChecks
	}
	trail := refTrail{watch: newStopwatch(q.Clock), current: make(Trail, 0, 1+len(table))}
	for i := range q.Refs {
		v := q.changeAllowed(table, &q.Refs[i], &trail)
		if v.outcome == "" && q.late(&trail) {
			v = verdict{outcome: TimedOut, status: 503}
		}
		if v.outcome != "" {
			q.steps = trail.steps()
			return q.orAsk(v)
		}
	}
	q.steps = trail.steps()
	return q.orAsk(verdict{})
}

// changeAllowed makes the checks of one change.
func (q *question) changeAllowed(table []refCheck, given *gitlab.Change, trail *refTrail) verdict {
	c := q.newChange(given)
	trail.begin(c)
	if q.Explain {
		trail.tell(tellRef(c))
	}
	for i := range table {
		check := &table[i]
		if check.refs&c.kind == 0 {
			continue
		}
		v := check.run(q, c)
		trail.add(check, v, !q.ask.Nothing())
		if q.Explain {
			trail.tell(check.tell(q, c))
		}
		if v.outcome != "" {
			v.check = check.name
			return v
		}
	}
	return verdict{}
}

// orAsk puts a question that an earlier change has left before the verdict on a later one.
func (q *question) orAsk(v verdict) verdict {
	if q.ask.Nothing() || v.outcome == TimedOut {
		q.ask = Ask{}
		return v
	}
	return verdict{outcome: AskHistory, status: 503}
}

// late reports whether the time for the checks is over.
func (q *question) late(trail *refTrail) bool {
	return !q.Deadline.IsZero() && q.Clock != nil && trail.watch.last.After(q.Deadline)
}

// newChange tells branches and tags apart and finds the rules of a branch.
func (q *question) newChange(given *gitlab.Change) *change {
	c := &change{Change: *given, kind: otherRefs, name: given.Ref}
	if name, ok := given.Branch(); ok {
		c.kind, c.name, c.rules = branchRefs, name, q.rulesFor(name)
		if len(c.rules) == 0 {
			if rule := q.pendingRule(c); rule != nil {
				c.rules = branchRules{rule}
			}
		}
	} else if name, ok := given.Tag(); ok {
		c.kind, c.name = tagRefs, name
	}
	return c
}

// snippetBranches accepts updates, and creations that fill an empty repository or make the default branch (git-family 6.5).
func snippetBranches(q *question, c *change) verdict {
	s := q.Container.Snippet
	fills := c.Creates() && (s.EmptyRepo || c.kind == branchRefs && c.name == s.DefaultBranch)
	return unless(s.DefaultBranch != "" && (c.Updates() || fills), denied(textSnippetBranches))
}

// refStorable rejects a ref whose name cannot be stored. Such a ref may be deleted, since nothing is stored of it.
func refStorable(c *change) verdict {
	if c.Deletes() || gitlab.StorableRef(c.Ref) {
		return verdict{}
	}
	return denied(gitlab.LongRefMessage(c.Ref))
}
