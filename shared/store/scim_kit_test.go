package store_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
	"postern/shared/store"
	"postern/shared/store/lookup"
	"postern/shared/store/tenants"
	"postern/shared/table"
)

// provisioned is a directory with three tenants: two groups, of which mia is the only owner, and the instance.
const provisioned = `{
 "users": [
  {"id": 13, "username": "dan", "name": "Dan", "email": "dan@example.com"},
  {"id": 14, "username": "rita", "name": "Rita", "email": "rita@example.com"},
  {"id": 15, "username": "mia", "name": "Mia", "email": "mia@example.com"},
  {"id": 16, "username": "gus", "name": "Gus", "email": "gus@example.com"},
  {"id": 17, "username": "new", "name": "New", "email": "new@example.com", "confirmed_at": null},
  {"id": 18, "username": "robot", "name": "Robot", "email": "robot@example.com", "user_type": "project_bot"},
  {"id": 19, "username": "eve", "name": "Eve", "email": "eve@example.com", "state": "blocked"}],
 "keys": [{"id": 101, "user_id": 13, "title": "d", "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH66SyPc4kSb9GVSBiN221DEwck3wqeApf3u6cKh4A+B"}],
 "namespaces": [
  {"id": 20, "kind": "group", "path": "acme", "saml_sso_url": "https://idp.example.com", "saml_default_membership_role": 30,
   "verified_domains": ["verified.example"]},
  {"id": 21, "kind": "group", "path": "beta", "saml_sso_url": "https://idp.example.com", "allowed_email_domains": ["beta.example"]},
  {"id": 22, "kind": "group", "path": "plain"},
  {"id": 23, "kind": "group", "path": "web", "parent_id": 20}],
 "projects": [{"id": 7, "namespace_id": 20, "path": "app"}, {"id": 8, "namespace_id": 23, "path": "deep"}, {"id": 9, "namespace_id": 22, "path": "other"}],
 "members": [
  {"user_id": 13, "namespace_id": 20, "access_level": 20}, {"user_id": 13, "namespace_id": 23, "access_level": 40},
  {"user_id": 13, "project_id": 8, "access_level": 30}, {"user_id": 13, "project_id": 9, "access_level": 30},
  {"user_id": 14, "namespace_id": 20, "access_level": 10},
  {"user_id": 15, "namespace_id": 20, "access_level": 50}, {"user_id": 15, "namespace_id": 21, "access_level": 50}],
 "scim_tokens": [{"namespace_id": 20, "token": "scim-acme"}, {"namespace_id": 21, "token": "scim-beta"}, {"token": "scim-inst"}],
 "scim_identities": [
  {"namespace_id": 20, "extern_uid": "u-dan", "user_id": 13}, {"namespace_id": 20, "extern_uid": "u-rita", "user_id": 14},
  {"namespace_id": 20, "extern_uid": "u-mia", "user_id": 15}, {"extern_uid": "i-gus", "user_id": 16}]
}`

var (
	acme     = tenants.SCIMAccess{GroupPath: "acme", Digest: gitlab.TokenDigest("scim-acme"), RequestID: "req-1"}
	beta     = tenants.SCIMAccess{GroupPath: "beta", Digest: gitlab.TokenDigest("scim-beta"), RequestID: "req-2"}
	instance = tenants.SCIMAccess{Instance: true, Digest: gitlab.TokenDigest("scim-inst"), RequestID: "req-3"}
)

// newcomer is a user that an identity provider creates, with an external UID.
func newcomer(uid string) tenants.NewSCIMUser {
	return tenants.NewSCIMUser{ExternUID: uid, Username: uid, Email: uid + "@new.example", Name: "New " + uid, Active: true}
}

// create makes a user as a family does: load, then write.
func create(ctx context.Context, s *store.Store, a tenants.SCIMAccess, n tenants.NewSCIMUser) (tenants.SCIMUser, error) {
	loaded, err := s.LoadSCIMNewcomer(ctx, a, n)
	if err != nil {
		return tenants.SCIMUser{}, err
	}
	return s.CreateSCIMUser(ctx, a, loaded)
}

// change changes an identity as a family does.
func change(ctx context.Context, s *store.Store, a tenants.SCIMAccess, uid string, c tenants.SCIMChange) (tenants.SCIMUser, error) {
	u, err := s.LoadSCIMUser(ctx, a, uid)
	if err != nil {
		return u, err
	}
	return s.ChangeSCIMUser(ctx, a, u, c)
}

func remove(ctx context.Context, s *store.Store, a tenants.SCIMAccess, uid string) error {
	u, err := s.LoadSCIMUser(ctx, a, uid)
	if err != nil {
		return err
	}
	return s.DeleteSCIMUser(ctx, a, u)
}

func (w *world) create(a tenants.SCIMAccess, n tenants.NewSCIMUser) tenants.SCIMUser {
	w.t.Helper()
	u, err := create(w.t.Context(), w.reader, a, n)
	if err != nil {
		w.t.Fatalf("create %s: %v", n.ExternUID, err)
	}
	return u
}

func (w *world) change(a tenants.SCIMAccess, uid string, c tenants.SCIMChange) tenants.SCIMUser {
	w.t.Helper()
	u, err := change(w.t.Context(), w.reader, a, uid, c)
	if err != nil {
		w.t.Fatalf("change %s: %v", uid, err)
	}
	return u
}

func (w *world) delete(a tenants.SCIMAccess, uid string) {
	w.t.Helper()
	if err := remove(w.t.Context(), w.reader, a, uid); err != nil {
		w.t.Fatalf("delete %s: %v", uid, err)
	}
}

func (w *world) user(a tenants.SCIMAccess, uid string) tenants.SCIMUser {
	w.t.Helper()
	u, err := w.reader.LoadSCIMUser(w.t.Context(), a, uid)
	if err != nil {
		w.t.Fatalf("load %s: %v", uid, err)
	}
	return u
}

// level is what a user holds in a group or project below it, by the next request of another process.
func (w *world) level(user gitlab.ID, path string) gitlab.AccessLevel {
	w.t.Helper()
	q := lookup.PushQuery{Actor: byUser(user), Path: path, Push: true}
	c, err := w.writer.LoadPushContext(w.t.Context(), q)
	if err != nil {
		w.t.Fatalf("load %s: %v", path, err)
	}
	level := gitlab.NoAccess
	for i := range c.Members {
		level = max(level, c.Members[i].Level(time.Now()))
	}
	return level
}

// sound fails the test when a record is half there, a count wrong, or a SCIM group noted otherwise than it is.
func (w *world) sound(when string) {
	w.t.Helper()
	sound(w.t, w.dynamodb(), w.table, when)
	for _, wrong := range misnoted(w.t.Context(), w.writer, contents(w.t, w.dynamodb(), w.table)) {
		w.t.Errorf("%s: %s", when, wrong)
	}
}

// dynamodb is the table's own client.
func (w *world) dynamodb() *dynamodb.Client {
	w.t.Helper()
	client, ok := w.count.API.(*dynamodb.Client)
	if !ok {
		w.t.Fatal("not the table's own client")
	}
	return client
}

// lost writes transactions and loses the answers.
type lost struct{ table.API }

func (l *lost) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	if _, err := l.API.TransactWriteItems(ctx, in, o...); err != nil {
		return nil, err
	}
	return nil, errors.New("connection reset")
}

// uids lists the external UIDs of users.
func uids(users []tenants.SCIMUser) []string {
	list := make([]string, 0, len(users))
	for i := range users {
		list = append(list, users[i].Identity.ExternUID)
	}
	return list
}

// called counts the calls of one function.
func called(t *testing.T, do func(context.Context) error) int {
	t.Helper()
	line := &requestlog.Record{}
	if err := do(requestlog.With(t.Context(), line)); err != nil {
		t.Fatalf("%v", err)
	}
	return line.Calls()
}

// known names the errors that SCIM functions return.
func known(err error) string {
	var unknown *tenants.SCIMUnknownMembersError
	var outage *table.UnavailableError
	names := map[string]bool{
		"token": errors.Is(err, tenants.ErrSCIMToken), "tenant": errors.Is(err, tenants.ErrSCIMTenant),
		"taken": errors.Is(err, tenants.ErrSCIMTaken), "last owner": errors.Is(err, tenants.ErrSCIMLastOwner),
		"blocked": errors.Is(err, tenants.ErrSCIMBlocked), "too many": errors.Is(err, tenants.ErrSCIMTooMany),
		"not found": errors.Is(err, table.ErrNotFound), "conflict": errors.Is(err, table.ErrConflict),
		"unknown members": errors.As(err, &unknown), "unavailable": errors.As(err, &outage),
	}
	var found []string
	for name, is := range names {
		if is {
			found = append(found, name)
		}
	}
	slices.SortFunc(found, cmp.Compare)
	if len(found) == 0 && err != nil {
		return err.Error()
	}
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

var yes, no = true, false
