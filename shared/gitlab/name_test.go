package gitlab_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/gitlab"
)

func TestCleanUsername(t *testing.T) {
	rows := []struct{ name, given, want string }{
		{"a username stays", "dan.x_1-2", "dan.x_1-2"},
		{"what is before the @ of an address", "dan@example.com", "dan"},
		{"without what usernames cannot have", "Dän O'Neil/x", "DnONeilx"},
		{"without a leading dash", "--dan", "dan"},
		{"without a last dot", "dan..", "dan"},
		{"without endings that paths must not have", "dan.GIT.atom.", "dan"},
		{"an ending that is all", ".git", "blank"},
		{"nothing", "", "blank"},
		{"nothing that is left", "@example.com", "blank"},
		{"a long one leaves room for a number", strings.Repeat("a", 400), strings.Repeat("a", 245)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := gitlab.CleanUsername(row.given); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// Any name of an identity provider becomes a username, and a clean one stays.
func TestCleanUsernamesAreUsernames(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		got := gitlab.CleanUsername(rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z.-]{0,8}(\.git|\.atom|\.)*`)).Draw(r, "name"))
		if !gitlab.SegmentForm(got) || len(got) > 245 || gitlab.CleanUsername(got) != got {
			r.Fatalf("made %q", got)
		}
	})
}

func TestEmailForm(t *testing.T) {
	rows := []struct {
		name, address string
		want          bool
	}{
		{"an address", "dan@example.com", true},
		{"with a tag", "dan+x@example.com", true},
		{"no @", "dan", false},
		{"nothing before it", "@example.com", false},
		{"nothing behind it", "dan@", false},
		{"two of them", "dan@x@example.com", false},
		{"white space", "dan @example.com", false},
		{"two addresses", "dan@a,eve@b", false},
		{"a line feed", "dan@a\nb", false},
		{"too long", strings.Repeat("a", 250) + "@b.com", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := gitlab.EmailForm(row.address); got != row.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestEmailDomain(t *testing.T) {
	rows := []struct {
		name, address string
		domains       []string
		want          bool
	}{
		{"one of them", "dan@b.com", []string{"a.com", "b.com"}, true},
		{"without case", "dan@B.com", []string{"b.COM"}, true},
		{"a domain below", "dan@x.b.com", []string{"b.com"}, false},
		{"a domain that only ends like it", "dan@xb.com", []string{"b.com"}, false},
		{"none", "dan@b.com", nil, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := gitlab.EmailDomain(row.address, row.domains); got != row.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestHasSAML(t *testing.T) {
	url, empty, parent := "https://idp.example.com", "", gitlab.ID(1)
	group := gitlab.Namespace{Kind: gitlab.GroupNamespace, SAMLEnabled: true, SAMLSSOURL: &url}
	rows := []struct {
		name string
		edit func(*gitlab.Namespace)
		want bool
	}{
		{"a top-level group", func(*gitlab.Namespace) {}, true},
		{"a sub-group", func(n *gitlab.Namespace) { n.ParentID = &parent }, false},
		{"a personal namespace", func(n *gitlab.Namespace) { n.Kind = gitlab.UserNamespace }, false},
		{"without an address", func(n *gitlab.Namespace) { n.SAMLSSOURL = nil }, false},
		{"with an empty one", func(n *gitlab.Namespace) { n.SAMLSSOURL = &empty }, false},
		{"turned off", func(n *gitlab.Namespace) { n.SAMLEnabled = false }, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			n := group
			row.edit(&n)
			if n.HasSAML() != row.want {
				t.Errorf("got %t", n.HasSAML())
			}
		})
	}
}
