package access

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPathLength is the longest path of a project, in characters.
const maxPathLength = 255

// reservedPaths are the words that follow a project's path in web addresses: a project of that name could not be
// told from them.
var reservedPaths = []string{
	"-", "badges", "blame", "blob", "builds", "commits", "create", "create_dir", "edit", "environments/folders",
	"files", "find_file", "gitlab-lfs/objects", "info/lfs/objects", "new", "preview", "raw", "refs", "tree",
	"update", "wikis",
}

// ProjectPathProblems returns what is wrong with the path of a new project, one segment, as full sentences without
// a common end; nil when nothing is.
func ProjectPathProblems(path string) []string {
	if path == "" {
		return []string{"Path can't be blank"}
	}
	var problems []string
	if !wellFormed(path) {
		problems = append(problems, "Path can contain only letters, digits, '_', '-' and '.'. "+
			"Cannot start with '-', end in '.git' or end in '.atom'")
	} else if slices.Contains(reservedPaths, strings.ToLower(path)) {
		problems = append(problems, "Path "+path+" is a reserved name")
	}
	if utf8.RuneCountInString(path) > maxPathLength {
		problems = append(problems, "Path is too long (maximum is 255 characters)")
	}
	if !separated(path) {
		problems = append(problems, "Path must not start or end with a special character "+
			"and must not contain consecutive special characters.")
	}
	return problems
}

// wellFormed reports whether the path has no other characters than a web address can hold, and does not look like
// another address of the project: its clone path or its feed.
func wellFormed(path string) bool {
	if path[0] == '-' || strings.HasSuffix(path, ".git") || strings.HasSuffix(path, ".atom") {
		return false
	}
	for i := range len(path) {
		if !alphanumeric(path[i]) && !separator(path[i]) {
			return false
		}
	}
	return true
}

// separated reports whether every run of letters and digits is parted from the next by one character only, as the
// names of container images must be.
func separated(path string) bool {
	apart := true // a separator may not come first, nor after another
	for i := range len(path) {
		switch {
		case alphanumeric(path[i]):
			apart = false
		case separator(path[i]) && !apart:
			apart = true
		default:
			return false
		}
	}
	return !apart
}

// separator reports whether c is one of the characters that part a path's words.
func separator(c byte) bool { return c == '.' || c == '_' || c == '-' }

// alphanumeric reports whether c is a letter or digit of ASCII.
func alphanumeric(c byte) bool {
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
}
