package store_test

import (
	"cmp"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/table"
)

// put writes new records that refer to what the world has.
func (w *world) put(records ...*record.Record) {
	w.t.Helper()
	for _, r := range records {
		if err := w.writer.Apply(w.t.Context(), record.Change{New: r}); err != nil {
			w.t.Fatalf("put %s: %v", r.Key(), err)
		}
	}
}

func trusts(ns gitlab.ID) *record.Record {
	return record.SSHCertificateRecord(&gitlab.SSHCertificate{NamespaceID: ns, Fingerprint: "ca", Title: "ca"})
}

func memberOf(user, ns gitlab.ID) *gitlab.Member {
	return &gitlab.Member{UserID: user, NamespaceID: &ns, AccessLevel: gitlab.Developer}
}

func memberIn(user, project gitlab.ID) *gitlab.Member {
	return &gitlab.Member{UserID: user, ProjectID: &project, AccessLevel: gitlab.Developer}
}

// trust shows who a certificate is for and the groups that trust its authority, with "+" where they are a member.
func trust(c lookup.CertificateContext) string {
	name := "nobody"
	if c.User != nil {
		name = c.User.Username
	}
	for _, g := range c.Groups {
		name += " " + g.Chain.FullPath()
		if g.Member {
			name += "+"
		}
	}
	return name
}

func certificate(t *testing.T, s *store.Store, q lookup.CertificateQuery) string {
	t.Helper()
	found, err := s.LoadCertificateContext(t.Context(), q)
	if err != nil {
		t.Fatalf("LoadCertificateContext: %v", err)
	}
	return trust(found)
}

func TestCertificateNamesAUser(t *testing.T) {
	w := newWorld(t, small)
	w.put(trusts(20), trusts(30), record.UserRecord(&gitlab.User{ID: 3, Username: "bob@example.com", Email: "three@example.com"}))
	rows := []struct {
		name       string
		identifier string
		want       string
	}{
		{"by username", "ann", "ann acme+ beta"},
		{"by username without regard to case", "ANN", "ann acme+ beta"},
		{"by primary e-mail", "ann@example.com", "ann acme+ beta"},
		{"by primary e-mail without regard to case", "Ann@Example.COM", "ann acme+ beta"},
		{"a username wins over somebody else's e-mail", "bob@example.com", "bob@example.com acme beta"},
		{"nobody by an unknown name", "zoe", "nobody acme beta"},
		{"nobody by an unknown e-mail", "zoe@example.com", "nobody acme beta"},
		{"nobody by no name", "", "nobody acme beta"},
		{"nobody by a name longer than any", strings.Repeat("a", 3000), "nobody acme beta"},
		{"nobody by a name that is no text", "\xff", "nobody acme beta"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for range 2 { // cold and warm
				if got := certificate(t, w.reader, lookup.CertificateQuery{Fingerprint: "ca", Identifier: row.identifier}); got != row.want {
					t.Errorf("got %s, want %s", got, row.want)
				}
			}
		})
	}
}

func TestCertificateFindsTheGroupsThatTrust(t *testing.T) {
	w := newWorld(t, small)
	w.put(trusts(20), trusts(22), trusts(30))
	rows := []struct {
		name        string
		fingerprint string
		namespace   gitlab.ID
		want        string
	}{
		{"all of them", "ca", 0, "bob acme+ acme/web/api beta"},
		{"only the one that is asked for", "ca", 22, "bob acme/web/api"},
		{"none when the one that is asked for does not trust", "ca", 21, "bob"},
		{"none when the one that is asked for is not there", "ca", 77, "bob"},
		{"none for an unknown authority", "other", 0, "bob"},
		{"none for the beginning of a fingerprint", "c", 0, "bob"},
		{"none for no fingerprint", "", 0, "bob"},
		{"none for a fingerprint longer than any", strings.Repeat("c", 5000), 0, "bob"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			q := lookup.CertificateQuery{Fingerprint: row.fingerprint, Identifier: "bob", NamespaceID: row.namespace}
			if got := certificate(t, w.reader, q); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestCertificateCountsMembershipsInTheGroupAndBelow(t *testing.T) {
	past, future := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	changed := func(m *gitlab.Member, change func(*gitlab.Member)) *gitlab.Member {
		change(m)
		return m
	}
	rows := []struct {
		name   string
		member *gitlab.Member
		then   string // a document
		query  gitlab.ID
		want   string
	}{
		{name: "no membership", want: "zoe acme acme/web"},
		{name: "in the group itself, not below it", member: memberOf(3, 20), want: "zoe acme+ acme/web"},
		{name: "in a group below", member: memberOf(3, 21), want: "zoe acme+ acme/web+"},
		{name: "in a group far below", member: memberOf(3, 22), want: "zoe acme+ acme/web+"},
		{name: "in a project of the group", member: memberIn(3, 7), want: "zoe acme+ acme/web"},
		{name: "in a project far below", member: memberIn(3, 8), want: "zoe acme+ acme/web+"},
		{name: "in another group", member: memberOf(3, 30), want: "zoe acme acme/web"},
		{name: "in another group's project", member: memberIn(3, 9), want: "zoe acme acme/web"},
		{name: "only the group that is asked for", member: memberIn(3, 8), query: 21, want: "zoe acme/web+"},
		{name: "a project below that is being deleted does not count", member: memberIn(3, 8), then: `{"projects":[{"id":8,"pending_delete":true}]}`, want: "zoe acme acme/web"},
		{name: "a group that has been moved away does not count", member: memberOf(3, 22), then: `{"namespaces":[{"id":22,"parent_id":30}]}`, want: "zoe acme acme/web"},
		{name: "a project that has been moved below counts", member: memberIn(3, 9), then: `{"projects":[{"id":9,"namespace_id":21}]}`, want: "zoe acme+ acme/web+"},
		{name: "an invitation is no membership", member: changed(memberOf(3, 20), func(m *gitlab.Member) { m.Awaiting = true }), want: "zoe acme acme/web"},
		{name: "an invitation below is none either", member: changed(memberIn(3, 8), func(m *gitlab.Member) { m.Awaiting = true }), want: "zoe acme acme/web"},
		{name: "an expired membership is over", member: changed(memberOf(3, 20), func(m *gitlab.Member) { m.ExpiresAt = &past }), want: "zoe acme acme/web"},
		{name: "an expired membership below is over", member: changed(memberOf(3, 22), func(m *gitlab.Member) { m.ExpiresAt = &past }), want: "zoe acme acme/web"},
		{name: "one that will expire counts", member: changed(memberOf(3, 22), func(m *gitlab.Member) { m.ExpiresAt = &future }), want: "zoe acme+ acme/web+"},
		{name: "no access is no membership", member: changed(memberOf(3, 20), func(m *gitlab.Member) { m.AccessLevel = gitlab.NoAccess }), want: "zoe acme acme/web"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			w.put(trusts(20), trusts(21), record.UserRecord(&gitlab.User{ID: 3, Username: "zoe", Email: "zoe@example.com"}))
			if row.member != nil {
				w.put(record.MemberRecord(row.member))
			}
			w.apply(cmp.Or(row.then, `{}`))
			q := lookup.CertificateQuery{Fingerprint: "ca", Identifier: "zoe", NamespaceID: row.query}
			if got := certificate(t, w.reader, q); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

// paging answers every Query with one item a page.
type paging struct {
	table.API
	pages int
}

func (p *paging) Query(
	ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	p.pages++
	one := int32(1)
	in.Limit = &one
	return p.API.Query(ctx, in, o...)
}

func TestCertificateReadsAllPages(t *testing.T) {
	w := newWorld(t, small)
	w.put(trusts(20), trusts(22), trusts(30), record.MemberRecord(memberOf(2, 30)), record.MemberRecord(memberIn(2, 8)))
	api := &paging{API: w.count.API}
	s := store.New(api, w.table, time.Now)
	want := "bob acme+ acme/web/api+ beta+"
	if got := certificate(t, s, lookup.CertificateQuery{Fingerprint: "ca", Identifier: "bob"}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if api.pages < 6 { // three authorities and three memberships
		t.Errorf("%d pages, want one for each item", api.pages)
	}
}

// A member of the groups themselves is told apart from everybody else without following other memberships.
func TestCertificateBudget(t *testing.T) {
	w := newWorld(t, small)
	w.put(trusts(20))
	rows := []struct {
		name, identifier string
		calls            int
	}{
		{"a member of the group", "ann", 4},
		{"a member below", "bob", 8},
		{"nobody", "zoe", 3},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w.forget()
			w.count.reset()
			certificate(t, w.reader, lookup.CertificateQuery{Fingerprint: "ca", Identifier: row.identifier})
			if w.count.calls > row.calls {
				t.Errorf("%d calls, want at most %d", w.count.calls, row.calls)
			}
		})
	}
}
