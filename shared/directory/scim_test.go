package directory_test

import (
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	storetable "postern/shared/table"
)

// What a document says of accounts and identities stands above what an identity provider did.
func TestDocumentsStandAboveIdentityProviders(t *testing.T) {
	gone := record.SCIMIdentityRecord(&gitlab.SCIMIdentity{ExternUID: "u", UserID: 1, Deleted: true, Place: "00000000#t#a"})
	rows := []struct {
		name, document   string
		deleted, blocked bool
	}{
		{"one that says nothing", `{"users": [{"id": 1, "name": "A"}], "scim_identities": [{"extern_uid": "u", "user_id": 1}]}`, true, true},
		{"an identity is active", `{"scim_identities": [{"extern_uid": "u", "active": true}]}`, false, true},
		{"an identity is not", `{"scim_identities": [{"extern_uid": "u", "active": false}]}`, true, true},
		{"an account is blocked", `{"users": [{"id": 1, "state": "blocked"}]}`, true, false},
		{"an account is active", `{"users": [{"id": 1, "state": "active"}]}`, true, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			tab := opened(t, `{"users": [{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"}]}`)
			stored, err := tab.Records(t.Context(), []storetable.Key{layout.OwnKey(layout.KindUser, 1)})
			if err != nil {
				t.Fatal(err)
			}
			was := stored[layout.OwnKey(layout.KindUser, 1)]
			user := *was.Value().(*gitlab.User)
			user.State, user.SCIMBlocked = gitlab.UserBlocked, true
			if err := tab.Apply(t.Context(), record.Change{Old: was, New: record.UserRecord(&user)}, record.Change{New: gone}); err != nil {
				t.Fatal(err)
			}
			tab.applied(row.document)
			found, err := tab.Records(t.Context(), []storetable.Key{gone.Key(), was.Key()})
			if err != nil {
				t.Fatal(err)
			}
			identity, account := found[gone.Key()].Value().(*gitlab.SCIMIdentity), found[was.Key()].Value().(*gitlab.User)
			if identity.Deleted != row.deleted || account.SCIMBlocked != row.blocked {
				t.Errorf("deleted %t, blocked by SCIM %t", identity.Deleted, account.SCIMBlocked)
			}
		})
	}
}
