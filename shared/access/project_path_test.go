package access

import (
	"slices"
	"strings"
	"testing"
)

func TestProjectPaths(t *testing.T) {
	const (
		characters = "Path can contain only letters, digits, '_', '-' and '.'. " +
			"Cannot start with '-', end in '.git' or end in '.atom'"
		special = "Path must not start or end with a special character and must not contain consecutive special characters."
		long    = "Path is too long (maximum is 255 characters)"
	)
	tests := []struct {
		name, path string
		want       []string
	}{
		{"letters", "app", nil},
		{"one letter", "a", nil},
		{"digits", "2048", nil},
		{"upper case", "App", nil},
		{"separators", "my.new_app-2", nil},
		{"255 characters", strings.Repeat("a", 255), nil},
		{"a word with a reserved one in it", "trees", nil},
		{"empty", "", []string{"Path can't be blank"}},
		{"256 characters", strings.Repeat("a", 256), []string{long}},
		{"ends with a dot", "app.", []string{special}},
		{"ends with a dash", "app-", []string{special}},
		{"ends with an underscore", "app_", []string{special}},
		{"begins with a dot", ".app", []string{special}},
		{"begins with an underscore", "_app", []string{special}},
		{"begins with a dash", "-app", []string{characters, special}},
		{"two dots", "a..b", []string{special}},
		{"two dashes", "a--b", []string{special}},
		{"mixed separators", "a._b", []string{special}},
		{"a dash only", "-", []string{characters, special}},
		{"ends in .git", "app.git", []string{characters}},
		{"ends in .atom", "app.atom", []string{characters}},
		{"only .git", ".git", []string{characters, special}},
		{"a space", "my app", []string{characters, special}},
		{"a slash", "a/b", []string{characters, special}},
		{"a letter beyond ASCII", "käse", []string{characters, special}},
		{"a line break", "app\n", []string{characters, special}},
		{"a zero byte", "a\x00b", []string{characters, special}},
		{"reserved", "wikis", []string{"Path wikis is a reserved name"}},
		{"reserved, other case", "Tree", []string{"Path Tree is a reserved name"}},
		{"reserved with a separator", "create_dir", []string{"Path create_dir is a reserved name"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ProjectPathProblems(tt.path); !slices.Equal(got, tt.want) {
				t.Errorf("%q: got %q, want %q", tt.path, got, tt.want)
			}
		})
	}
}

func TestReservedPathsAreRefused(t *testing.T) {
	for _, word := range reservedPaths {
		if ProjectPathProblems(word) == nil {
			t.Errorf("%q is accepted", word)
		}
	}
}

func FuzzProjectPathProblems(f *testing.F) {
	for _, seed := range []string{"app", "a.b", "-", "a..b", "x.git", "käse", "", "wikis", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if ProjectPathProblems(path) != nil {
			return
		}
		if strings.ContainsAny(path, "/ \n\x00") || path == "." || path == ".." || len(path) > maxPathLength {
			t.Errorf("%q is accepted", path)
		}
	})
}
