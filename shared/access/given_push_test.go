package access

import (
	"strings"

	"postern/shared/gitlab"
)

// What is pushed, and by which rules it is judged.

// changes are given as the lines of a hook; Z stands for no object, A to D for commits.
func changes(c string) with {
	return func(r *Request) {
		r.Changes, r.Refs = c, nil
		if c != AnyChanges {
			r.Refs = parsed(c)
		}
	}
}

// parsed reads lines of a hook in which letters stand for objects.
func parsed(lines string) []gitlab.Change {
	fields := strings.Fields(lines)
	for i := range fields {
		if i%3 < 2 && len(fields[i]) == 1 {
			fields[i] = object(fields[i])
		}
	}
	for i := 2; i < len(fields); i += 3 {
		fields[i] += "\n"
	}
	refs, err := gitlab.ParseChanges(strings.Join(fields, " "))
	if err != nil {
		return nil
	}
	return refs
}

// object returns the id that a letter stands for.
func object(letter string) string {
	if letter == "Z" {
		letter = "0"
	}
	return strings.Repeat(strings.ToLower(letter), 40)
}

const realChanges = "A B refs/heads/feat"

// knows gives the answers of Gitaly: B descends from A, C and D do not.
func knows(r *Request) {
	r.History.Descents = map[Descent]bool{
		{object("A"), object("B")}: true, {object("A"), object("C")}: false, {object("A"), object("D")}: false,
		{object("B"), object("A")}: false, {object("C"), object("A")}: false, {object("C"), object("B")}: false,
	}
}

// tips are the commits that protected branches point to.
func tips(letters ...string) with {
	return func(r *Request) {
		r.History.TipsKnown = true
		for _, l := range letters {
			r.History.Tips = append(r.History.Tips, object(l))
		}
	}
}

func levels(list ...gitlab.AccessLevel) []gitlab.Grantee {
	entries := make([]gitlab.Grantee, len(list))
	for i := range list {
		entries[i].AccessLevel = &list[i]
	}
	return entries
}

// branchRule protects branches by levels for pushing and merging.
func branchRule(name string, push, merge gitlab.AccessLevel) gitlab.ProtectedBranch {
	return gitlab.ProtectedBranch{Name: name, PushAccessLevels: levels(push), MergeAccessLevels: levels(merge)}
}

// protectedBy adds rules for branches.
func protectedBy(rules ...gitlab.ProtectedBranch) with {
	return func(r *Request) { r.Rules.Branches = append(r.Rules.Branches, rules...) }
}

// rules are those of the behavior cases.
func rules(r *Request) {
	dev := branchRule("dev", gitlab.Developer, gitlab.Developer)
	dev.AllowForcePush = true
	protectedBy(branchRule("main", gitlab.Maintainer, gitlab.Maintainer), branchRule("rel-*", gitlab.NoAccess, gitlab.Maintainer), dev)(r)
	r.Rules.Tags = []gitlab.ProtectedTag{{ProjectID: 7, Name: "v*", CreateAccessLevels: levels(gitlab.Maintainer)}}
}
