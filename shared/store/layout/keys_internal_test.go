package layout

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"postern/shared/gitlab"
	"postern/shared/table"
)

func TestEscapeRef(t *testing.T) {
	rows := []struct{ name, ref, want string }{
		{"a plain name stays", "refs/heads/main", "refs/heads/main"},
		{"letters of any script stay", "refs/heads/é世", "refs/heads/é世"},
		{"the separator is escaped", "a#b", "a%23b"},
		{"the escape itself is escaped", "a%23b", "a%2523b"},
		{"a byte that is no text is escaped", "a\xffb", "a%FFb"},
		{"half a letter is escaped byte by byte", "\xe4\xb8", "%E4%B8"},
		{"text beside such a byte stays", "é\xff世", "é%FF世"},
		{"the replacement character itself stays", "\uFFFD", "\uFFFD"},
		{"nothing stays nothing", "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := EscapeRef(row.ref); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// Two refs never share an item: names that differ stay different, with any bytes.
func TestEscapeRefIsInjective(t *testing.T) {
	// Few different bytes, so that escapes of one name often look like another one's own text.
	name := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"%", "#", "2", "3", "5", "F", "\xff", "\xc3", "\xa9", "é"}), 0, 5),
		func(parts []string) string { return strings.Join(parts, "") })
	rapid.Check(t, func(r *rapid.T) {
		a, b := name.Draw(r, "a"), name.Draw(r, "b")
		if (EscapeRef(a) == EscapeRef(b)) != (a == b) {
			r.Fatalf("%q is %q and %q is %q", a, EscapeRef(a), b, EscapeRef(b))
		}
		if e := EscapeRef(a); !utf8.ValidString(e) || strings.Contains(e, "#") {
			r.Fatalf("%q becomes %q, which is no part of a key", a, e)
		}
	})
}

func FuzzEscapeRef(f *testing.F) {
	for _, seed := range []string{"refs/heads/main", "a#b", "a%23b", "\xff", "é\xc3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		if e := EscapeRef(ref); !utf8.ValidString(e) || len(e) < len(ref) || strings.Contains(e, "#") {
			t.Errorf("%q becomes %q", ref, e)
		}
	})
}

func TestNameable(t *testing.T) {
	rows := []struct {
		name, text string
		want       bool
	}{
		{"a name", "acme/app", true},
		{"a name of any script", "世/é", true},
		{"the longest", strings.Repeat("a", 1000), true},
		{"one byte too long", strings.Repeat("a", 1000+1), false},
		{"too long in bytes though not in letters", strings.Repeat("é", 1000/2+1), false},
		{"nothing", "", false},
		{"no text", "a\xff", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := table.Nameable(row.text); got != row.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	rows := []struct {
		name string
		key  table.Key
		want string
	}{
		{"usernames are compared without regard to case", UsernameKey("Ann"), "username#ann/username"},
		{"e-mails, too", EmailKey("Ann@Example.com"), "email#ann@example.com/email"},
		{"full paths, too", PathKey("Acme/App"), "path#acme/app/path"},
		{"top-level names have a partition each", ChildKey(0, "Acme"), "root#acme/child"},
		{"names below lie with their namespace", ChildKey(20, "App"), "ns#20/child#app"},
		{"rules of a project", RulesKey(Partition(new(gitlab.ID(7)), nil), 0), "project#7/rules"},
		{"rules of a namespace that outgrow an item", RulesKey(Partition(nil, new(gitlab.ID(20))), 2), "ns#20/rules#2"},
		{"what is the instance's own", PolicyKey(Partition(nil, nil), "p"), "instance/policy#p"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := row.key.String(); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}
