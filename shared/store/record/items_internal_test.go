package record

import (
	"slices"
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// shownItems lists the items of a record beside its own as "key mode", in order.
func shownItems(r *Record) string {
	modes := map[indexMode]string{owned: "owned", unique: "unique", hint: "hint"}
	lines := make([]string, 0, len(r.indexes))
	for k, ix := range r.indexes {
		lines = append(lines, k.String()+" "+modes[ix.mode])
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

func TestItemsOfRecords(t *testing.T) {
	rows := []struct {
		name   string
		record *Record
		own    string
		want   string
	}{
		{"a user is found by name and e-mail", UserRecord(ann()), "user#1/user", "catalog#user#1/1 owned, email#ann@example.com/email unique, username#ann/username unique"},
		{"the ghost user as such, too", UserRecord(with(ann(), func(u *gitlab.User) { u.UserType = gitlab.UserGhost })), "user#1/user", "catalog#user#1/1 owned, email#ann@example.com/email unique, ghost/ghost unique, username#ann/username unique"},
		{"a key is listed with its owner", KeyRecord(&gitlab.Key{ID: 11, UserID: id(1), Fingerprint: "fp"}), "key#11/key", "catalog#key#11/11 owned, fingerprint#fp/fingerprint unique, user#1/back#key#11 owned"},
		{"a key of nobody is not", KeyRecord(&gitlab.Key{ID: 11, Fingerprint: "fp"}), "key#11/key", "catalog#key#11/11 owned, fingerprint#fp/fingerprint unique"},
		{"a link lies with the key and is listed with the project", DeployKeyLinkRecord(&gitlab.DeployKeyLink{KeyID: 12, ProjectID: 7}), "key#12/project#7", "project#7/key#12 owned"},
		{"a membership lies with its place and is listed with the user", MemberRecord(&gitlab.Member{UserID: 1, NamespaceID: id(20)}), "ns#20/member#1", "user#1/back#member#ns#20 owned"},
		{"a top-level group", NamespaceRecord(&PlacedNamespace{Namespace: gitlab.Namespace{ID: 20, Path: "acme"}, Place: Place{Paths: []string{"acme"}}}), "ns#20/namespace", "catalog#namespace#4/20 owned, root#acme/child unique"},
		{"a top-level group that was renamed", NamespaceRecord(&PlacedNamespace{Namespace: gitlab.Namespace{ID: 20, Path: "acme"}, Place: Place{Paths: []string{"acme", "old"}}}), "ns#20/namespace", "catalog#namespace#4/20 owned, path#old/path hint, root#acme/child unique"},
		{"a nested group", NamespaceRecord(&PlacedNamespace{Namespace: gitlab.Namespace{ID: 21, Path: "web", ParentID: id(20)}, Place: Place{Paths: []string{"acme/web"}}}), "ns#21/namespace", "catalog#namespace#5/21 owned, ns#20/child#web unique, path#acme/web/path hint"},
		{"a personal namespace is its owner's only one", NamespaceRecord(&PlacedNamespace{Namespace: gitlab.Namespace{ID: 101, Path: "ann", OwnerID: id(1)}}), "ns#101/namespace", "catalog#namespace#5/101 owned, root#ann/child unique, user#1/namespace unique"},
		{"a project with a redirect", ProjectRecord(&PlacedProject{Project: gitlab.Project{ID: 7, NamespaceID: 20, Path: "App", Redirects: []string{"old/App"}}, Place: Place{Paths: []string{"acme/App"}}}), "project#7/project", "catalog#project#7/7 owned, ns#20/child#app unique, path#acme/app/path hint, path#old/app/path hint"},
		{"a ref", RefRecord(&gitlab.Ref{ProjectID: 7, Name: "refs/heads/a#b"}), "project#7/ref#refs/heads/a%23b", ""},
		{"a personal snippet", SnippetRecord(&gitlab.Snippet{ID: 31, AuthorID: 1}), "snippet#31/snippet", "user#1/back#snippet#31 owned"},
		{"a project's snippet", SnippetRecord(&gitlab.Snippet{ID: 31, AuthorID: 1, ProjectID: id(7)}), "snippet#31/snippet", "project#7/back#snippet#31 owned, user#1/back#snippet#31 owned"},
		{"a personal access token", PersonalAccessTokenRecord(&gitlab.PersonalAccessToken{ID: 1, UserID: 2, Digest: "d"}), "pat#1/pat", "token#d/token unique, user#2/back#pat#1 owned"},
		{"an agent", AgentRecord(&gitlab.Agent{ID: 3, ProjectID: 7}), "agent#3/agent", "project#7/back#agent#3 owned"},
		{"an agent's token", AgentTokenRecord(&gitlab.AgentToken{ID: 5, AgentID: 3, Digest: "d"}), "agenttoken#5/agenttoken", "agent#3/back#agenttoken#5 owned, token#d/token unique"},
		{"an authority is listed with the group that trusts it", SSHCertificateRecord(&gitlab.SSHCertificate{NamespaceID: 20, Fingerprint: "ca"}), "sshca#ca/ns#20", "ns#20/sshca#ca owned"},
		{"the token of the instance's identity provider", SCIMTokenRecord(&gitlab.SCIMToken{Digest: "d"}), "scim#instance/token", "token#d/token unique"},
		{"an identity is the user's only one with the group", SCIMIdentityRecord(&gitlab.SCIMIdentity{NamespaceID: id(20), ExternUID: "u", UserID: 1}), "scim#20/identity#u", "scim#20/user#1 unique, user#1/back#scim#20 owned"},
		{"an exclusion that has no id yet", StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{NamespaceID: 20}), "exclusions/ns#20", ""},
		{"an exclusion is listed by its id", StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{ID: 5, NamespaceID: 20}), "exclusions/ns#20", "exclusions/id#0000000000000000005 owned"},
		{"rules that name one user twice list it once", RulesRecord(&Rules{ProjectID: id(7), Branches: []gitlab.ProtectedBranch{{Name: "main", PushAccessLevels: []gitlab.Grantee{{UserID: id(1)}}, MergeAccessLevels: []gitlab.Grantee{{UserID: id(1)}}}}}), "project#7/rules", "user#1/back#rules#project#7 owned"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := shownItems(row.record); row.record.Key().String() != row.own || got != row.want {
				t.Errorf("%s with %s; want %s with %s", row.record.Key(), got, row.own, row.want)
			}
		})
	}
}

func TestRulesAreDivided(t *testing.T) {
	rules := func(branches, tags, size int) *Rules {
		r := &Rules{ProjectID: id(7)}
		for range branches {
			r.Branches = append(r.Branches, gitlab.ProtectedBranch{Name: strings.Repeat("b", size)})
		}
		for range tags {
			r.Tags = append(r.Tags, gitlab.ProtectedTag{Name: strings.Repeat("t", size)})
		}
		return r
	}
	rows := []struct {
		name  string
		rules *Rules
		items int
	}{
		{"few rules stay in one item", rules(5, 5, 100), 1},
		{"many branches", rules(50, 0, 10_000), 2},
		{"many tags", rules(0, 100, 10_000), 4},
		{"branches and tags", rules(40, 40, 10_000), 3},
		{"no rules", rules(0, 0, 0), 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := RulesRecord(row.rules)
			if got := 1 + len(r.indexes); got != row.items {
				t.Errorf("%d items, want %d", got, row.items)
			}
			if err := r.Fits(); err != nil {
				t.Errorf("an item does not fit: %v", err)
			}
			if parts := table.Integer(r.attrs, "parts"); row.items > 1 && parts != int64(row.items) {
				t.Errorf("the own item says %d parts", parts)
			}
		})
	}
}
