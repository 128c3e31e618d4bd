package store_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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
				Redirects: []string{"old"},
			},
			Place: store.Place{Paths: []string{"acme", "before"}},
		}),
		store.NamespaceRecord(&store.PlacedNamespace{
			Namespace: gitlab.Namespace{ID: 21, Kind: gitlab.GroupNamespace, Path: "team", ParentID: pointer(int64(20))},
			Place:     store.Place{Chain: []gitlab.ID{20}, Paths: []string{"acme/team"}},
		}),
		store.NamespaceRecord(&store.PlacedNamespace{
			Namespace: gitlab.Namespace{ID: 101, Kind: gitlab.UserNamespace, Path: "ann", OwnerID: pointer(int64(1))},
		}),
		store.ProjectRecord(&store.PlacedProject{
			Project: gitlab.Project{
				ID: 7, NamespaceID: 21, Path: "app", Collaborations: map[string]string{},
				ErrorTrackingKeys: []gitlab.ErrorTrackingKey{{PublicKey: "k", Active: true}},
			},
			Place: store.Place{Chain: []gitlab.ID{20, 21}, Paths: []string{"acme/team/app"}},
		}),
		store.ProjectRecord(&store.PlacedProject{
			Project: gitlab.Project{ID: 8, NamespaceID: 101, Path: "app", Collaborations: map[string]string{"7:1": "x"}},
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
		store.SCIMIdentityRecord(&gitlab.SCIMIdentity{NamespaceID: pointer(int64(20)), ExternUID: "u", UserID: 1, Active: true}),
		store.SCIMIdentityRecord(&gitlab.SCIMIdentity{ExternUID: "i", UserID: 1}),
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

func TestRecordsAreReadAsTheyWereWritten(t *testing.T) {
	s, records, all := written(t)
	keys := make([]store.Key, len(records))
	for i, r := range records {
		keys[i] = r.Key()
	}
	found, err := s.Records(t.Context(), append(keys, keys[0], store.OwnKey(store.KindUser, 99)))
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if len(found) != len(records) {
		t.Errorf("%d of %d records are read", len(found), len(records))
	}
	for _, r := range records {
		got := found[r.Key()]
		switch {
		case got == nil:
			t.Errorf("%s is not there", r.Key())
		case !reflect.DeepEqual(got.Value(), r.Value()):
			t.Errorf("%s is %+v, want %+v", r.Key(), got.Value(), r.Value())
		case !store.Change{Old: got, New: r}.Empty():
			t.Errorf("%s would be written again", r.Key())
		}
	}
	wrong, err := s.Unsound(t.Context(), all())
	if err != nil || len(wrong) > 0 {
		t.Errorf("%v %v", err, wrong)
	}
}

func TestHoldersOfUniqueValues(t *testing.T) {
	s, records, _ := written(t)
	for _, r := range records {
		holders, err := s.Holders(t.Context(), r.Held())
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		for _, k := range r.Held() {
			if holders[k].Own != r.Key() {
				t.Errorf("%s leads to %s, not to %s", k, holders[k].Own, r.Key())
			}
		}
	}
	nobody, err := s.Holders(t.Context(), []store.Key{{PK: "username#nobody", SK: "username"}})
	if err != nil || len(nobody) != 0 {
		t.Errorf("got %v, %v", nobody, err)
	}
}

func TestRecordsThatAreRemovedLeaveNothing(t *testing.T) {
	s, records, all := written(t)
	for i := len(records) - 1; i > 0; i-- {
		was, err := s.Remove(t.Context(), records[i].Key())
		if err != nil || !was {
			t.Fatalf("remove %s: %v %v", records[i].Key(), was, err)
		}
		wrong, err := s.Unsound(t.Context(), all())
		if err != nil || len(wrong) > 0 {
			t.Fatalf("without %s: %v %v", records[i].Key(), err, wrong)
		}
	}
	for _, item := range all() {
		if pk := item["pk"].(*types.AttributeValueMemberS).Value; len(pk) < 9 || pk[:9] != "instance#" {
			t.Errorf("left: %v", item)
		}
	}
	if was, err := s.Remove(t.Context(), records[1].Key()); was || err != nil {
		t.Errorf("removed again: %v %v", was, err)
	}
}

func TestApplyRefusesWhatHasChangedMeanwhile(t *testing.T) {
	user := func(name string) *store.Record {
		return store.UserRecord(&gitlab.User{ID: 1, Username: "ann", Email: "ann@example.com", Name: name})
	}
	stored := func(t *testing.T, s *store.Store) *store.Record {
		t.Helper()
		found, err := s.Records(t.Context(), []store.Key{user("").Key()})
		if err != nil || len(found) != 1 {
			t.Fatalf("read: %v %v", found, err)
		}
		return found[user("").Key()]
	}
	tests := []struct {
		name   string
		change func(*store.Record) store.Change
		want   store.ConflictReason
	}{
		{"created twice", func(*store.Record) store.Change { return store.Change{New: user("B")} }, store.ConflictChanged},
		{"updated from an old version", func(old *store.Record) store.Change {
			return store.Change{Old: old, New: user("B")}
		}, store.ConflictChanged},
		{"removed from an old version", func(old *store.Record) store.Change { return store.Change{Old: old} }, store.ConflictChanged},
		{"a name that is taken", func(*store.Record) store.Change {
			return store.Change{New: store.UserRecord(&gitlab.User{ID: 2, Username: "ANN", Email: "b"})}
		}, store.ConflictTaken},
		{"a reference to nobody", func(*store.Record) store.Change {
			return store.Change{New: store.KeyRecord(&gitlab.Key{ID: 11, UserID: pointer(int64(9)), Fingerprint: "f"})}
		}, store.ConflictGone},
		{"while something stays that did not", func(old *store.Record) store.Change {
			return store.Change{
				New: store.UserRecord(&gitlab.User{ID: 2, Username: "bea", Email: "b"}), While: []*store.Record{old},
			}
		}, store.ConflictChanged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, table := storetest.Open(t)
			s := store.New(client, table, time.Now)
			if err := s.Apply(t.Context(), store.Change{New: user("A")}); err != nil {
				t.Fatalf("create: %v", err)
			}
			old := stored(t, s)
			if err := s.Apply(t.Context(), store.Change{Old: old, New: user("changed")}); err != nil {
				t.Fatalf("update: %v", err)
			}
			before := image(t, client, table)
			var conflict *store.ConflictError
			if err := s.Apply(t.Context(), test.change(old)); !errors.As(err, &conflict) || conflict.Reason != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if image(t, client, table) != before {
				t.Error("something was written")
			}
		})
	}
}

func TestAnUpdateLeavesWhatOthersKeepInTheRecord(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	key := func(title string) *store.Record {
		return store.KeyRecord(&gitlab.Key{ID: 11, Fingerprint: "f", Title: title})
	}
	if err := s.Apply(t.Context(), store.Change{New: key("A")}); err != nil {
		t.Fatalf("create: %v", err)
	}
	read := func() *store.Record {
		found, err := s.Records(t.Context(), []store.Key{key("").Key()})
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		return found[key("").Key()]
	}
	old := read()
	if err := s.TouchKey(t.Context(), old.Value().(*gitlab.Key)); err != nil {
		t.Fatalf("touch: %v", err)
	}
	if err := s.Apply(t.Context(), store.Change{Old: old, New: key("B")}); err != nil {
		t.Fatalf("update: %v", err)
	}
	if got := read().Value().(*gitlab.Key); got.Title != "B" || got.LastUsedAt == nil {
		t.Errorf("got %+v", got)
	}
}

func TestNextIDIsGivenOutOnce(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	for want := gitlab.ID(1); want < 4; want++ {
		if got, err := s.NextID(t.Context(), "thing"); got != want || err != nil {
			t.Errorf("got %d %v, want %d", got, err, want)
		}
	}
	if got, err := s.NextID(t.Context(), "other"); got != 1 || err != nil {
		t.Errorf("another kind begins with %d %v", got, err)
	}
}

func TestPlaceMoved(t *testing.T) {
	tests := []struct {
		name string
		was  []string
		path string
		want []string
	}{
		{"new", nil, "a/b", []string{"a/b"}},
		{"moved", []string{"a/b"}, "c/b", []string{"c/b", "a/b"}},
		{"moved back", []string{"c/b", "a/b"}, "a/b", []string{"a/b", "c/b"}},
		{"only the case", []string{"a/b"}, "A/b", []string{"A/b"}},
		{
			"many times",
			[]string{"1", "2", "3", "4", "5", "6", "7", "8"},
			"0",
			[]string{"0", "1", "2", "3", "4", "5", "6", "7"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := store.Place{Chain: []gitlab.ID{1}, Paths: test.was}.Moved([]gitlab.ID{2}, test.path)
			if !reflect.DeepEqual(got.Paths, test.want) || !reflect.DeepEqual(got.Chain, []gitlab.ID{2}) {
				t.Errorf("got %+v, want %v", got, test.want)
			}
		})
	}
}
