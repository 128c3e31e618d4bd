package gitlab

import "strings"

// ValidRefName reports whether a name is valid for a branch or tag, given without its folder. It follows git-check-ref-format, and
// rejects names that a command would take for an option, a full name or HEAD.
func ValidRefName(name string) bool {
	switch {
	case name == "", name == "HEAD", name[0] == '-', strings.HasSuffix(name, "."):
		return false
	case strings.HasPrefix(name, branches), strings.HasPrefix(name, tags), strings.HasPrefix(name, "refs/remotes/"):
		return false
	case strings.Contains(name, ".."), strings.Contains(name, "@{"), strings.ContainsAny(name, `~^:?*[\`):
		return false
	}
	return !strings.ContainsFunc(name, isControl) && validComponents(name)
}

// validComponents judges the parts between the slashes.
func validComponents(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return true
}

// MatchesPattern reports whether a rule's pattern covers a whole name: "*" stands for any characters, "/" included, and
// nothing else is special. The time grows with the lengths of both and not with their product.
func MatchesPattern(pattern, name string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, first)
	if !ok {
		return false
	}
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(name, part)
		}
		// The leftmost match suffices, because it leaves the longest rest.
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name, rest = name[i+len(part):], after
	}
}

// Matches reports whether the rule covers a branch.
func (p *ProtectedBranch) Matches(branch string) bool { return MatchesPattern(p.Name, branch) }

// Matches reports whether the rule covers a tag.
func (p *ProtectedTag) Matches(tag string) bool { return MatchesPattern(p.Name, tag) }
