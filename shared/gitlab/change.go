package gitlab

import "strings"

// Change is the change of one ref by a push, with its objects before and after.
type Change struct {
	Old, New string // object ids, 40 or 64 hexadecimal digits; all zeros for none
	Ref      string // full name, "refs/heads/main", of any bytes that git allows
}

// The folders of branches and tags.
const (
	branches = "refs/heads/"
	tags     = "refs/tags/"
)

// ParseChanges reads the lines that git gives to its hooks, "<old> <new> <ref>" (internal API, allowed and post_receive).
// Blank lines and white space around the fields do not count. A line of any other form is ErrMalformed.
func ParseChanges(text string) ([]Change, error) {
	changes := make([]Change, 0, strings.Count(text, "\n")+1)
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.Trim(line, blanks); line == "" {
			continue
		}
		change, ok := parseChange(line)
		if !ok {
			return nil, ErrMalformed
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// blanks is the white space that names of refs cannot have. Names may end with other kinds of it.
const blanks = " \t\r"

func parseChange(line string) (c Change, ok bool) {
	var rest string
	c.Old, rest, _ = strings.Cut(line, " ")
	c.New, c.Ref, _ = strings.Cut(strings.TrimLeft(rest, blanks), " ")
	c.Ref = strings.TrimLeft(c.Ref, blanks)
	return c, isObjectID(c.Old) && isObjectID(c.New) && c.Ref != "" && !strings.ContainsFunc(c.Ref, isControl)
}

// isControl reports whether a letter cannot be in the name of a ref (git-check-ref-format, rule 4).
func isControl(r rune) bool { return r <= ' ' || r == 0x7f }

// isObjectID reports whether a text is a whole id of SHA-1 or SHA-256.
func isObjectID(s string) bool { return (len(s) == 40 || len(s) == 64) && hexDigits(s) == len(s) }

// hexDigits returns how many hexadecimal digits a text begins with.
func hexDigits(s string) int {
	for i := range len(s) {
		if c := s[i] | 0x20; (s[i] < '0' || s[i] > '9') && (c < 'a' || c > 'f') {
			return i
		}
	}
	return len(s)
}

// Blank reports whether an object id stands for "none": it has zeros only.
func Blank(id string) bool { return strings.Trim(id, "0") == "" }

// Creates reports whether the ref was not there before.
func (c Change) Creates() bool { return Blank(c.Old) && !Blank(c.New) }

// Deletes reports whether the change deletes the ref.
func (c Change) Deletes() bool { return Blank(c.New) }

// Updates reports whether the ref was there before and still is.
func (c Change) Updates() bool { return !Blank(c.Old) && !Blank(c.New) }

// RefAction is the kind of a change.
type RefAction string

// The kinds of changes.
const (
	RefCreated RefAction = "created"
	RefUpdated RefAction = "updated"
	RefRemoved RefAction = "removed"
)

// Action returns the kind of the change.
func (c Change) Action() RefAction {
	switch {
	case c.Deletes():
		return RefRemoved
	case c.Creates():
		return RefCreated
	}
	return RefUpdated
}

// Branch returns the name of the branch; ok is false for another ref.
func (c Change) Branch() (name string, ok bool) { return strings.CutPrefix(c.Ref, branches) }

// Tag returns the name of the tag; ok is false for another ref.
func (c Change) Tag() (name string, ok bool) { return strings.CutPrefix(c.Ref, tags) }

// BranchRef returns the full name of a branch.
func BranchRef(name string) string { return branches + name }

// LikeObjectID reports whether a name begins with an object id and could be taken for one.
func LikeObjectID(name string) bool { return hexDigits(name) >= 40 }
