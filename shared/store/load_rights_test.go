package store_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/store/lookup"
)

// putItem writes an item that no document can make.
func (w *world) putItem(pk, sk string, attributes map[string]types.AttributeValue) {
	w.t.Helper()
	attributes["pk"] = &types.AttributeValueMemberS{Value: pk}
	attributes["sk"] = &types.AttributeValueMemberS{Value: sk}
	in := &dynamodb.PutItemInput{TableName: &w.table, Item: attributes}
	if _, err := w.count.PutItem(w.t.Context(), in); err != nil {
		w.t.Fatalf("put item: %v", err)
	}
}

func (w *world) otpSession(key string, ends time.Time) {
	w.putItem("otp#"+key, "session", map[string]types.AttributeValue{
		"expires": &types.AttributeValueMemberN{Value: strconv.FormatInt(ends.Unix(), 10)},
	})
}

func TestLoadPushContextReadsSessions(t *testing.T) {
	const saml = `{"namespaces":[{"id":20,"saml_sso_url":"https://idp.example.com"}]}`
	const identity = `{"scim_identities":[{"namespace_id":20,"extern_uid":"u-ann","user_id":1}]}`
	const twoFactor = `{"instance":{"two_factor_for_cli":true},"users":[{"id":1,"two_factor_enabled":true}]}`
	hour := time.Hour
	rows := []struct {
		name      string
		documents []string
		session   *time.Duration // of a one-time password on key 11, from now
		query     lookup.PushQuery
		sso, otp  bool
	}{
		{name: "no SAML, nothing asked", query: lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}},
		{name: "SAML, no identity", documents: []string{saml}, query: lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}},
		{name: "SAML and an identity", documents: []string{saml, identity}, query: lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}, sso: true},
		{name: "SAML of the top-level group, far below", documents: []string{saml, identity}, query: lookup.PushQuery{Actor: byKey(11), Path: "acme/web/api/deep"}, sso: true},
		{name: "a project that the push would create", documents: []string{saml, identity}, query: lookup.PushQuery{Actor: byKey(11), Path: "acme/fresh", Push: true}, sso: true},
		{name: "an identity that is not active", documents: []string{saml, `{"scim_identities":[{"namespace_id":20,"extern_uid":"u-ann","user_id":1,"active":false}]}`}, query: lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}},
		{name: "somebody else's identity", documents: []string{saml, identity}, query: lookup.PushQuery{Actor: byKey(12), Path: "acme/app"}},
		{name: "an identity with another group", documents: []string{saml, `{"scim_identities":[{"namespace_id":30,"extern_uid":"u-ann","user_id":1}]}`}, query: lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}},
		{name: "no one-time password", documents: []string{twoFactor}, query: lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}},
		{name: "a fresh one-time password", documents: []string{twoFactor}, session: &hour, query: lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}, otp: true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			for _, d := range row.documents {
				w.apply(d)
			}
			if row.session != nil {
				w.otpSession("11", time.Now().Add(*row.session))
			}
			for range 2 { // cold and warm
				c := w.load(row.query)
				if c.SSOSession != row.sso || c.OTPSession != row.otp {
					t.Errorf("SSO %t, OTP %t; want %t, %t", c.SSOSession, c.OTPSession, row.sso, row.otp)
				}
			}
		})
	}
}

func TestLoadPushContextIgnoresAnOverdueSession(t *testing.T) {
	w := newWorld(t, small)
	w.apply(`{"instance":{"two_factor_for_cli":true},"users":[{"id":1,"two_factor_enabled":true}]}`)
	w.otpSession("11", time.Now().Add(-time.Second))
	if w.load(lookup.PushQuery{Actor: byKey(11), Path: "acme/app"}).OTPSession {
		t.Error("a session counts that is over and only not cleared away yet")
	}
}

// Project 9 is a fork of project 7 whose merge request lets those who may push to 7 push to 9.
func TestLoadPushContextFindsCollaboration(t *testing.T) {
	const open = `{"merge_requests":[{"project_id":7,"iid":1,"source_project_id":9,"source_branch":"fix","target_branch":"main","allow_collaboration":true}]}`
	rows := []struct {
		name   string
		merge  string
		actor  gitlab.ActorRef
		push   bool
		expect bool
	}{
		{"a developer of the target", open, byKey(11), true, true},
		{"a guest of the target", open, byKey(12), true, false},
		{"nothing asked for a download", open, byKey(11), false, false},
		{"closed", `{"merge_requests":[{"project_id":7,"iid":1,"source_project_id":9,"source_branch":"fix","target_branch":"main","allow_collaboration":true,"state":"closed"}]}`, byKey(11), true, false},
		{"not allowed", `{"merge_requests":[{"project_id":7,"iid":1,"source_project_id":9,"source_branch":"fix","target_branch":"main"}]}`, byKey(11), true, false},
		{"no merge request", `{}`, byKey(11), true, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			w.apply(row.merge)
			if got := w.load(lookup.PushQuery{Actor: row.actor, Path: "beta/app", Push: row.push}).Collaborations; slices.Equal(got, []string{"fix"}) != row.expect {
				t.Errorf("branches %q, want one: %t", got, row.expect)
			}
		})
	}
}

func TestLoadPushContextFindsWhereAProjectWouldBe(t *testing.T) {
	w := newWorld(t, small)
	rows := []struct {
		name, path string
		push       bool
		want       string
	}{
		{"in a group", "acme/fresh", true, "acme"},
		{"in a nested group", "acme/web/fresh", true, "acme/web"},
		{"in a personal namespace", "ann/fresh", true, "ann"},
		{"in no namespace", "nowhere/fresh", true, ""},
		{"below a project", "acme/app/fresh", true, ""},
		{"not for a download", "acme/fresh", false, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := w.load(lookup.PushQuery{Actor: byKey(11), Path: row.path, Push: row.push})
			if got.Parent.FullPath() != row.want || got.Container != nil {
				t.Errorf("parent %q, want %q", got.Parent.FullPath(), row.want)
			}
		})
	}
}

func TestLoadPushContextLinksDeployKeys(t *testing.T) {
	w := newWorld(t, small)
	linked := w.load(lookup.PushQuery{Actor: byKey(201), Path: "acme/app"})
	if linked.Link == nil || !linked.Link.CanPush || len(linked.Members) != 0 {
		t.Errorf("link %+v, members %v; want a link that may push and no memberships", linked.Link, linked.Members)
	}
	if other := w.load(lookup.PushQuery{Actor: byKey(201), Path: "beta/app"}); other.Link != nil {
		t.Errorf("link %+v to a project that the key was not let into", other.Link)
	}
	w.apply(`{"deploy_keys":[{"id":201,"projects":[]}]}`)
	if w.load(lookup.PushQuery{Actor: byKey(201), Path: "acme/app"}).Link != nil {
		t.Error("the link is still there after it was taken away")
	}
}

func TestDeployKeyWithoutCreatorIsTheGhosts(t *testing.T) {
	w := newWorld(t, small)
	w.apply(`{"users":[{"id":99,"username":"ghost","name":"Ghost","email":"ghost@example.com","user_type":"ghost"}]}`)
	w.apply(`{"remove":{"users":[{"id":1}]}}`)
	actor, err := w.reader.LoadActor(context.Background(), byKey(201))
	if err != nil || actor.User == nil || actor.User.ID != 99 {
		t.Errorf("user %+v, %v; want the ghost user", actor.User, err)
	}
}
