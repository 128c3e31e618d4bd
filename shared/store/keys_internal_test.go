package store

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"postern/shared/gitlab"
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
			if got := escapeRef(row.ref); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// Two refs never share an item: names that differ stay different, whatever bytes they hold.
func TestEscapeRefIsInjective(t *testing.T) {
	// Few different bytes, so that escapes of one name often look like another one's own text.
	name := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"%", "#", "2", "3", "5", "F", "\xff", "\xc3", "\xa9", "é"}), 0, 5),
		func(parts []string) string { return strings.Join(parts, "") })
	rapid.Check(t, func(r *rapid.T) {
		a, b := name.Draw(r, "a"), name.Draw(r, "b")
		if (escapeRef(a) == escapeRef(b)) != (a == b) {
			r.Fatalf("%q is %q and %q is %q", a, escapeRef(a), b, escapeRef(b))
		}
		if e := escapeRef(a); !utf8.ValidString(e) || strings.Contains(e, "#") {
			r.Fatalf("%q becomes %q, which is no part of a key", a, e)
		}
	})
}

func FuzzEscapeRef(f *testing.F) {
	for _, seed := range []string{"refs/heads/main", "a#b", "a%23b", "\xff", "é\xc3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		if e := escapeRef(ref); !utf8.ValidString(e) || len(e) < len(ref) || strings.Contains(e, "#") {
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
			if got := nameable(row.text); got != row.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	rows := []struct {
		name string
		key  Key
		want string
	}{
		{"usernames are compared without regard to case", usernameKey("Ann"), "username#ann/username"},
		{"e-mails, too", emailKey("Ann@Example.com"), "email#ann@example.com/email"},
		{"full paths, too", pathKey("Acme/App"), "path#acme/app/path"},
		{"top-level names have a partition each", childKey(0, "Acme"), "root#acme/child"},
		{"names below lie with their namespace", childKey(20, "App"), "ns#20/child#app"},
		{"rules of a project", rulesKey(container(new(gitlab.ID(7)), nil), 0), "project#7/rules"},
		{"rules of a namespace that outgrow an item", rulesKey(container(nil, new(gitlab.ID(20))), 2), "ns#20/rules#2"},
		{"what is the instance's own", policyKey(container(nil, nil), "p"), "instance/policy#p"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := row.key.String(); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestRateKeys(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	rows := []struct {
		name string
		a, b Key
		same bool
	}{
		{"the same scope and minute share a counter", rateKey("a", 5), rateKey("a", 5), true},
		{"minutes have counters of their own", rateKey("a", 5), rateKey("a", 6), false},
		{"scopes have counters of their own", rateKey("a", 5), rateKey("b", 5), false},
		{"scopes of any length differ in their last byte", rateKey(long+"a", 5), rateKey(long+"b", 5), false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if (row.a == row.b) != row.same {
				t.Errorf("%s and %s", row.a, row.b)
			}
			if len(row.a.PK) > 64 || !utf8.ValidString(row.a.PK) {
				t.Errorf("key %q", row.a.PK)
			}
		})
	}
}

func TestBeginsInOutbox(t *testing.T) {
	app := gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}
	rows := []struct {
		name string
		key  Key
		want bool
	}{
		{"a push", outboxKey(app, "p", 0), true},
		{"a further part of its changes", outboxKey(app, "p", 1), false},
		{"an event around an agent", Key{"outbox#agent_event#e", "2026-05-01"}, true},
		{"what is elsewhere", leaseKey("project-7"), false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := BeginsInOutbox(row.key); got != row.want {
				t.Errorf("%v: %t, want %t", row.key, got, row.want)
			}
		})
	}
}

func TestSCIMKeysNameTheTenant(t *testing.T) {
	group := gitlab.ID(20)
	rows := []struct {
		name   string
		tenant *gitlab.ID
		want   string
	}{
		{"a group", &group, "scim#20/identity#u"},
		{"the instance", nil, "scim#instance/identity#u"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := scimIdentityKey(scimTenant(row.tenant), "u").String(); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestMergeRequestSourceKeyEscapesTheBranch(t *testing.T) {
	if got := mergeRequestSourceKey(8, "a#1", 7, 2).String(); got != "project#8/mrsource#a%231#7#2" {
		t.Errorf("got %s", got)
	}
}

func TestMessageKeyNamesUserAndRepository(t *testing.T) {
	if got := messageKey(1, "project-7", "moved").String(); got != "message#1#project-7/moved" {
		t.Errorf("got %s", got)
	}
}
