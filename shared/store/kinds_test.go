package store_test

import (
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/storetest"
)

func pointer[T any](value T) *T { return &value }

// everyKind is a record of every kind, each after those that it refers to.
func everyKind() []*store.Record {
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	level := gitlab.Maintainer
	return []*store.Record{
		store.InstallationRecord(&store.Installation{
			Settings: store.Settings{
				Instance: gitlab.DefaultInstance(),
				Storages: map[string]gitlab.Storage{"default": {Name: "default", Address: "unix:/a", Features: map[string]string{"a": "b"}}},
			},
			Broadcasts: []gitlab.Broadcast{{Message: "m", StartsAt: at, EndsAt: at, Type: "banner"}},
		}),
		store.UserRecord(&gitlab.User{
			ID: 1, Username: "ann", Email: "ann@example.com", UserType: gitlab.UserGhost, ConfirmedAt: &at, TermsAcceptedVersion: pointer(int64(3)),
		}),
		store.NamespaceRecord(&store.PlacedNamespace{
			Namespace: gitlab.Namespace{
				ID: 20, Kind: gitlab.GroupNamespace, Path: "acme", SAMLSSOURL: pointer("https://idp"), IPRanges: []string{"10.0.0.0/8"},
				Redirects: []string{"old"}, SAMLGroupLevels: map[string]gitlab.AccessLevel{"-": 0, "Ops": gitlab.Developer},
			},
			Place: store.Place{Paths: []string{"acme", "before"}},
		}),
		store.NamespaceRecord(&store.PlacedNamespace{
			Namespace: gitlab.Namespace{
				ID: 21, Kind: gitlab.GroupNamespace, Path: "team", ParentID: pointer(int64(20)),
				SAMLGroupLevels: map[string]gitlab.AccessLevel{"-": 0},
			},
			Place: store.Place{Chain: []gitlab.ID{20}, Paths: []string{"acme/team"}},
		}),
		store.NamespaceRecord(&store.PlacedNamespace{
			Namespace: gitlab.Namespace{
				ID: 101, Kind: gitlab.UserNamespace, Path: "ann", OwnerID: pointer(int64(1)),
				SAMLGroupLevels: map[string]gitlab.AccessLevel{"-": 0},
			},
		}),
		store.ProjectRecord(&store.PlacedProject{
			Project: gitlab.Project{
				ID: 7, NamespaceID: 21, Path: "app", Collaborations: map[string]string{}, Merging: map[string]string{},
				ErrorTrackingKeys: []gitlab.ErrorTrackingKey{{PublicKey: "k", Active: true}},
			},
			Place: store.Place{Chain: []gitlab.ID{20, 21}, Paths: []string{"acme/team/app"}},
		}),
		store.ProjectRecord(&store.PlacedProject{
			Project: gitlab.Project{ID: 8, NamespaceID: 101, Path: "app", Collaborations: map[string]string{"7:1": "x"}, Merging: map[string]string{}},
		}),
		store.KeyRecord(&gitlab.Key{ID: 11, UserID: pointer(int64(1)), Fingerprint: "fp1", Type: gitlab.PersonalKey, CreatedAt: at}),
		store.KeyRecord(&gitlab.Key{ID: 12, Fingerprint: "fp2", Type: gitlab.DeployKey, CreatedAt: at, ExpiresAt: &at}),
		store.DeployKeyLinkRecord(&gitlab.DeployKeyLink{KeyID: 12, ProjectID: 7, CanPush: true}),
		store.MemberRecord(&gitlab.Member{UserID: 1, ProjectID: pointer(int64(7)), AccessLevel: gitlab.Developer, ExpiresAt: &at}),
		store.MemberRecord(&gitlab.Member{UserID: 1, NamespaceID: pointer(int64(20)), AccessLevel: gitlab.Owner, Awaiting: true}),
		store.RulesRecord(&store.Rules{
			ProjectID: pointer(int64(7)),
			Branches: []gitlab.ProtectedBranch{{
				ProjectID: pointer(int64(7)), Name: "main",
				PushAccessLevels: []gitlab.Grantee{{UserID: pointer(int64(1))}, {GroupID: pointer(int64(20))}, {AccessLevel: &level}},
			}},
			Tags: []gitlab.ProtectedTag{{ProjectID: 7, Name: "v*", CreateAccessLevels: []gitlab.Grantee{{AccessLevel: pointer(gitlab.NoAccess)}}}},
		}),
		store.RefRecord(&gitlab.Ref{ProjectID: 7, Name: "refs/heads/#%é", Target: "aa"}),
		store.SnippetRecord(&gitlab.Snippet{ID: 31, ProjectID: pointer(int64(7)), AuthorID: 1}),
		store.MergeRequestRecord(&gitlab.MergeRequest{
			ProjectID: 7, IID: 1, SourceProjectID: 8, SourceBranch: "x", State: gitlab.MergeRequestOpened, AllowCollaboration: true,
		}),
		store.PersonalAccessTokenRecord(&gitlab.PersonalAccessToken{ID: 1, UserID: 1, Scopes: []string{"api"}, Digest: "d1", ExpiresAt: "2027-01-01"}),
		store.AgentRecord(&gitlab.Agent{ID: 3, Name: "prod", ProjectID: 7, CreatedByUserID: pointer(int64(1))}),
		store.AgentTokenRecord(&gitlab.AgentToken{ID: 5, AgentID: 3, Digest: "d2"}),
		store.SecurityPolicyRecord(&gitlab.SecurityPolicy{NamespaceID: pointer(int64(20)), Name: "p", UpdatedAt: at}),
		store.SSHCertificateRecord(&gitlab.SSHCertificate{NamespaceID: 20, Fingerprint: "fp3", Title: "ca"}),
		store.SAMLGroupLinkRecord(&gitlab.SAMLGroupLink{NamespaceID: 20, SAMLGroupName: "Ops", AccessLevel: gitlab.Developer}),
		store.SCIMTokenRecord(&gitlab.SCIMToken{NamespaceID: pointer(int64(20)), Enabled: true, Digest: "d3"}),
		store.SCIMTokenRecord(&gitlab.SCIMToken{Enabled: true, Digest: "d4"}),
		store.SCIMIdentityRecord(&gitlab.SCIMIdentity{
			NamespaceID: pointer(int64(20)), ExternUID: "u", UserID: 1, Active: true, CreatedAt: &at, UpdatedAt: &at, Place: "00000000#t#a",
		}),
		store.SCIMIdentityRecord(&gitlab.SCIMIdentity{ExternUID: "i", UserID: 1, Deleted: true, Place: "00000300#t#b"}),
		store.SCIMGroupRecord(&gitlab.SCIMGroup{ID: 5, NamespaceID: pointer(int64(20)), DisplayName: "Ops", ExternalID: "x", CreatedAt: &at, Filling: true}),
		store.SCIMGroupMemberRecord(&gitlab.SCIMGroupMember{GroupID: 5, NamespaceID: pointer(int64(20)), UserID: 1, ExternUID: "u"}),
		store.StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{NamespaceID: 20, Reason: "big", ID: 1}),
	}
}

// written is a table with a record of every kind.
func written(t *testing.T) (*store.Store, []*store.Record, func() []store.Item) {
	t.Helper()
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	records := everyKind()
	for _, r := range records {
		if err := s.Apply(t.Context(), store.Change{New: r}); err != nil {
			t.Fatalf("create %s: %v", r.Key(), err)
		}
	}
	return s, records, func() []store.Item { return contents(t, client, table) }
}
