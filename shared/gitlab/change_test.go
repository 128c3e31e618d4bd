package gitlab_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/gitlab"
)

var (
	zero  = strings.Repeat("0", 40)
	one   = strings.Repeat("1", 40)
	two   = strings.Repeat("2f", 20)
	sha2  = strings.Repeat("ab", 32)
	zero2 = strings.Repeat("0", 64)
)

func TestParseChanges(t *testing.T) {
	main := gitlab.Change{Old: one, New: two, Ref: "refs/heads/main"}
	tests := []struct {
		name, in string
		want     []gitlab.Change // nil: malformed
	}{
		{"one line", one + " " + two + " refs/heads/main", []gitlab.Change{main}},
		{"line feed at the end", one + " " + two + " refs/heads/main\n", []gitlab.Change{main}},
		{"blank lines and spaces", "\n  " + one + "  " + two + " \trefs/heads/main \r\n\n", []gitlab.Change{main}},
		{"two lines", one + " " + two + " refs/heads/main\n" + zero + " " + two + " refs/tags/v1", []gitlab.Change{
			main, {Old: zero, New: two, Ref: "refs/tags/v1"},
		}},
		{"SHA-256", zero2 + " " + sha2 + " refs/heads/main", []gitlab.Change{{Old: zero2, New: sha2, Ref: "refs/heads/main"}}},
		{"any bytes", one + " " + two + " refs/heads/\xff\u00a0", []gitlab.Change{{Old: one, New: two, Ref: "refs/heads/\xff\u00a0"}}},
		{"nothing", "", []gitlab.Change{}},
		{"no ref", one + " " + two, nil},
		{"no ref but spaces", one + " " + two + "   ", nil},
		{"one id", one + " refs/heads/main", nil},
		{"short id", one[1:] + " " + two + " refs/heads/main", nil},
		{"no hexadecimal digits", strings.Repeat("g", 40) + " " + two + " refs/heads/main", nil},
		{"space in the ref", one + " " + two + " refs/heads/a b", nil},
		{"control character in the ref", one + " " + two + " refs/heads/a\x01", nil},
		{"a good line and a bad one", one + " " + two + " refs/heads/main\nx", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := gitlab.ParseChanges(tt.in)
			if !slices.Equal(got, tt.want) || (err != nil) != (tt.want == nil) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestChanges(t *testing.T) {
	tests := []struct {
		name                      string
		change                    gitlab.Change
		creates, deletes, updates bool
		branch, tag               string
	}{
		{"new branch", gitlab.Change{Old: zero, New: one, Ref: "refs/heads/a/b"}, true, false, false, "a/b", ""},
		{"branch moved", gitlab.Change{Old: one, New: two, Ref: "refs/heads/a"}, false, false, true, "a", ""},
		{"tag gone", gitlab.Change{Old: one, New: zero2, Ref: "refs/tags/v1"}, false, true, false, "", "v1"},
		{"neither", gitlab.Change{Old: one, New: two, Ref: "refs/notes/x"}, false, false, true, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			branch, isBranch := tt.change.Branch()
			tag, isTag := tt.change.Tag()
			if tt.change.Creates() != tt.creates || tt.change.Deletes() != tt.deletes || tt.change.Updates() != tt.updates ||
				isBranch != (tt.branch != "") || isTag != (tt.tag != "") || isBranch && branch != tt.branch || isTag && tag != tt.tag {
				t.Errorf("%v %v %v %q %q", tt.change.Creates(), tt.change.Deletes(), tt.change.Updates(), branch, tag)
			}
		})
	}
}

func TestValidRefName(t *testing.T) {
	for name, want := range map[string]bool{
		"main": true, "a/b": true, "ö": true, "f\xff": true, "a.b": true, "@": true, "a@b": true, "refs": true, "-": false,
		"": false, "HEAD": false, "-x": false, "a..b": false, "a.": false, ".a": false, "a/.b": false, "a.lock": false,
		"a.lock/b": false, "a//b": false, "/a": false, "a/": false, "a~b": false, "a^b": false, "a:b": false, "a?b": false,
		"a*b": false, "a[b": false, `a\b`: false, "a b": false, "a\x7f": false, "a@{b": false,
		"refs/heads/a": false, "refs/tags/a": false, "refs/remotes/a": false,
	} {
		if got := gitlab.ValidRefName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestMatchesPattern(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"main", "main", true},
		{"main", "Main", false},
		{"main", "main2", false},
		{"", "", true},
		{"", "x", false},
		{"*", "", true},
		{"*", "a/b/c", true},
		{"rel-*", "rel-", true},
		{"rel-*", "rel-1/x", true},
		{"rel-*", "my-rel-1", false},
		{"*-stable", "1-2-stable", true},
		{"*-stable", "1-2-stable-x", false},
		{"a*b*c", "abc", true},
		{"a*b*c", "acb", false},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"**", "x", true},
		{"a*b*b", "ab", false},
		{"a*ab", "aab", true},
		{"a.c", "abc", false},
		{"[a]*", "a", false},
		{"[a]*", "[a]b", true},
		{"?", "x", false},
		{"f\xff*", "f\xff1", true},
	}
	for _, tt := range tests {
		if got := gitlab.MatchesPattern(tt.pattern, tt.name); got != tt.want {
			t.Errorf("%q on %q: %v", tt.pattern, tt.name, got)
		}
	}
}

// matches is the meaning of a pattern, without regard to time.
func matches(pattern, name string) bool {
	switch {
	case pattern == "":
		return name == ""
	case pattern[0] == '*':
		return matches(pattern[1:], name) || (name != "" && matches(pattern, name[1:]))
	}
	return name != "" && pattern[0] == name[0] && matches(pattern[1:], name[1:])
}

func TestMatchesPatternIsWhatItMeans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab*]{0,8}`).Draw(t, "pattern")
		name := rapid.StringMatching(`[ab]{0,10}`).Draw(t, "name")
		if got := gitlab.MatchesPattern(pattern, name); got != matches(pattern, name) {
			t.Fatalf("%q on %q: %v", pattern, name, got)
		}
	})
}

func FuzzParseChanges(f *testing.F) {
	f.Add(one + " " + two + " refs/heads/main\n")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := gitlab.ParseChanges(text)
		if err != nil {
			return
		}
		var lines strings.Builder
		for _, c := range parsed {
			lines.WriteString(c.Old + " " + c.New + " " + c.Ref + "\n")
		}
		if again, err := gitlab.ParseChanges(lines.String()); err != nil || !slices.Equal(again, parsed) {
			t.Errorf("%q becomes %q, %v", parsed, again, err)
		}
	})
}

// The time of a match must not grow with the product of the lengths: names and patterns are chosen by people.
func BenchmarkMatchesPattern(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		name, pattern := strings.Repeat("a", n), strings.Repeat("a*", 50)+"b"
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				gitlab.MatchesPattern(pattern, name)
			}
		})
	}
}
