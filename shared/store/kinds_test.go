package store_test

import (
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/record"
	"postern/shared/storetest"
	storetable "postern/shared/table"
)

func pointer[T any](value T) *T { return &value }

// everyKind is a record of every kind, each after those that it refers to.
func everyKind() []*record.Record {
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	level := gitlab.Maintainer
	return []*record.Record{
		record.InstallationRecord(&record.Installation{
			Settings: record.Settings{
				Instance: gitlab.DefaultInstance(),
				Storages: map[string]gitlab.Storage{"default": {Name: "default", Address: "unix:/a", Features: map[string]string{"a": "b"}}},
			},
			Broadcasts: []gitlab.Broadcast{{Message: "m", StartsAt: at, EndsAt: at, Type: "banner"}},
		}),
		record.UserRecord(&gitlab.User{
			ID: 1, Username: "ann", Email: "ann@example.com", UserType: gitlab.UserGhost, ConfirmedAt: &at, TermsAcceptedVersion: pointer(int64(3)),
		}),
		record.NamespaceRecord(&record.PlacedNamespace{
			Namespace: gitlab.Namespace{
				ID: 20, Kind: gitlab.GroupNamespace, Path: "acme", SAMLSSOURL: pointer("https://idp"), IPRanges: []string{"10.0.0.0/8"},
				Redirects: []string{"old"}, SAMLGroupLevels: map[string]gitlab.AccessLevel{"-": 0, "Ops": gitlab.Developer},
			},
			Place: record.Place{Paths: []string{"acme", "before"}},
		}),
		record.NamespaceRecord(&record.PlacedNamespace{
			Namespace: gitlab.Namespace{
				ID: 21, Kind: gitlab.GroupNamespace, Path: "team", ParentID: pointer(int64(20)),
				SAMLGroupLevels: map[string]gitlab.AccessLevel{"-": 0},
			},
			Place: record.Place{Chain: []gitlab.ID{20}, Paths: []string{"acme/team"}},
		}),
		record.NamespaceRecord(&record.PlacedNamespace{
			Namespace: gitlab.Namespace{
				ID: 101, Kind: gitlab.UserNamespace, Path: "ann", OwnerID: pointer(int64(1)),
				SAMLGroupLevels: map[string]gitlab.AccessLevel{"-": 0},
			},
		}),
		record.ProjectRecord(&record.PlacedProject{
			Project: gitlab.Project{
				ID: 7, NamespaceID: 21, Path: "app", Collaborations: map[string]string{}, Merging: map[string]string{},
				ErrorTrackingKeys: []gitlab.ErrorTrackingKey{{PublicKey: "k", Active: true}},
			},
			Place: record.Place{Chain: []gitlab.ID{20, 21}, Paths: []string{"acme/team/app"}},
		}),
		record.ProjectRecord(&record.PlacedProject{
			Project: gitlab.Project{ID: 8, NamespaceID: 101, Path: "app", Collaborations: map[string]string{"7:1": "x"}, Merging: map[string]string{}},
		}),
		record.KeyRecord(&gitlab.Key{ID: 11, UserID: pointer(int64(1)), Fingerprint: "fp1", Type: gitlab.PersonalKey, CreatedAt: at}),
		record.KeyRecord(&gitlab.Key{ID: 12, Fingerprint: "fp2", Type: gitlab.DeployKey, CreatedAt: at, ExpiresAt: &at}),
		record.DeployKeyLinkRecord(&gitlab.DeployKeyLink{KeyID: 12, ProjectID: 7, CanPush: true}),
		record.MemberRecord(&gitlab.Member{UserID: 1, ProjectID: pointer(int64(7)), AccessLevel: gitlab.Developer, ExpiresAt: &at}),
		record.MemberRecord(&gitlab.Member{UserID: 1, NamespaceID: pointer(int64(20)), AccessLevel: gitlab.Owner, Awaiting: true}),
		record.RulesRecord(&record.Rules{
			ProjectID: pointer(int64(7)),
			Branches: []gitlab.ProtectedBranch{{
				ProjectID: pointer(int64(7)), Name: "main",
				PushAccessLevels: []gitlab.Grantee{{UserID: pointer(int64(1))}, {GroupID: pointer(int64(20))}, {AccessLevel: &level}},
			}},
			Tags: []gitlab.ProtectedTag{{ProjectID: 7, Name: "v*", CreateAccessLevels: []gitlab.Grantee{{AccessLevel: pointer(gitlab.NoAccess)}}}},
		}),
		record.RefRecord(&gitlab.Ref{ProjectID: 7, Name: "refs/heads/#%é", Target: "aa"}),
		record.SnippetRecord(&gitlab.Snippet{ID: 31, ProjectID: pointer(int64(7)), AuthorID: 1}),
		record.MergeRequestRecord(&gitlab.MergeRequest{
			ProjectID: 7, IID: 1, SourceProjectID: 8, SourceBranch: "x", State: gitlab.MergeRequestOpened, AllowCollaboration: true,
		}),
		record.PersonalAccessTokenRecord(&gitlab.PersonalAccessToken{ID: 1, UserID: 1, Scopes: []string{"api"}, Digest: "d1", ExpiresAt: "2027-01-01"}),
		record.AgentRecord(&gitlab.Agent{ID: 3, Name: "prod", ProjectID: 7, CreatedByUserID: pointer(int64(1))}),
		record.AgentTokenRecord(&gitlab.AgentToken{ID: 5, AgentID: 3, Digest: "d2"}),
		record.SecurityPolicyRecord(&gitlab.SecurityPolicy{NamespaceID: pointer(int64(20)), Name: "p", UpdatedAt: at}),
		record.SSHCertificateRecord(&gitlab.SSHCertificate{NamespaceID: 20, Fingerprint: "fp3", Title: "ca"}),
		record.SAMLGroupLinkRecord(&gitlab.SAMLGroupLink{NamespaceID: 20, SAMLGroupName: "Ops", AccessLevel: gitlab.Developer}),
		record.SCIMTokenRecord(&gitlab.SCIMToken{NamespaceID: pointer(int64(20)), Enabled: true, Digest: "d3"}),
		record.SCIMTokenRecord(&gitlab.SCIMToken{Enabled: true, Digest: "d4"}),
		record.SCIMIdentityRecord(&gitlab.SCIMIdentity{
			NamespaceID: pointer(int64(20)), ExternUID: "u", UserID: 1, Active: true, CreatedAt: &at, UpdatedAt: &at, Place: "00000000#t#a",
		}),
		record.SCIMIdentityRecord(&gitlab.SCIMIdentity{ExternUID: "i", UserID: 1, Deleted: true, Place: "00000300#t#b"}),
		record.SCIMGroupRecord(&gitlab.SCIMGroup{ID: 5, NamespaceID: pointer(int64(20)), DisplayName: "Ops", ExternalID: "x", CreatedAt: &at, Filling: true}),
		record.SCIMGroupMemberRecord(&gitlab.SCIMGroupMember{GroupID: 5, NamespaceID: pointer(int64(20)), UserID: 1, ExternUID: "u"}),
		record.StorageLimitExclusionRecord(&gitlab.StorageLimitExclusion{NamespaceID: 20, Reason: "big", ID: 1}),
	}
}

// written is a table with a record of every kind.
func written(t *testing.T) (*store.Store, []*record.Record, func() []storetable.Item) {
	t.Helper()
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	records := everyKind()
	for _, r := range records {
		if err := s.Apply(t.Context(), record.Change{New: r}); err != nil {
			t.Fatalf("create %s: %v", r.Key(), err)
		}
	}
	return s, records, func() []storetable.Item { return contents(t, client, table) }
}
