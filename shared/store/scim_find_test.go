package store_test

import (
	"slices"
	"strings"
	"testing"

	"postern/shared/store/tenants"
)

func TestFindSCIMUsers(t *testing.T) {
	w := newWorld(t, provisioned)
	w.apply(`{"scim_identities":[{"namespace_id":20,"extern_uid":"rita","user_id":16},{"namespace_id":20,"extern_uid":"13","user_id":19}]}`)
	w.delete(acme, "13")
	rows := []struct {
		name   string
		access tenants.SCIMAccess
		lookup tenants.SCIMLookup
		want   []string
	}{
		{"by external UID", acme, tenants.SCIMLookup{UID: "u-dan"}, []string{"u-dan"}},
		{"external UIDs have case", acme, tenants.SCIMLookup{UID: "U-DAN"}, nil},
		{"an id of a user is no external UID", acme, tenants.SCIMLookup{UID: "14"}, nil},
		{"none", acme, tenants.SCIMLookup{UID: "nonexistent"}, nil},
		{"one that is deleted", acme, tenants.SCIMLookup{UID: "13"}, nil},
		{"another tenant's", beta, tenants.SCIMLookup{UID: "u-dan"}, nil},
		{"an external UID as user name", acme, tenants.SCIMLookup{UserName: "u-dan"}, []string{"u-dan"}},
		{"an external UID before a username", acme, tenants.SCIMLookup{UserName: "rita"}, []string{"rita"}},
		{"a username without case", acme, tenants.SCIMLookup{UserName: "DAN"}, []string{"u-dan"}},
		{"a username that is no external UID in that case", acme, tenants.SCIMLookup{UserName: "Rita"}, []string{"u-rita"}},
		{"an address as user name", acme, tenants.SCIMLookup{UserName: "Dan@Example.com"}, []string{"u-dan"}},
		{"a username of somebody whom the tenant does not have", beta, tenants.SCIMLookup{UserName: "dan"}, nil},
		{"a username of somebody who is deleted", acme, tenants.SCIMLookup{UserName: "eve"}, nil},
		{"by address", acme, tenants.SCIMLookup{Email: "DAN@example.com"}, []string{"u-dan"}},
		{"by an address that is nobody's", acme, tenants.SCIMLookup{Email: "dan"}, nil},
		{"the instance's", instance, tenants.SCIMLookup{UserName: "gus"}, []string{"i-gus"}},
		{"what cannot be a key", acme, tenants.SCIMLookup{UserName: strings.Repeat("x", 2000)}, nil},
		{"an external UID that cannot be a key", acme, tenants.SCIMLookup{UID: "a\xff"}, nil},
		{"an address that cannot be a key", acme, tenants.SCIMLookup{Email: "a\xff"}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			page, err := w.reader.FindSCIMUsers(t.Context(), row.access, row.lookup)
			if err != nil {
				t.Fatal(err)
			}
			if got := uids(page.Users); !slices.Equal(got, row.want) || page.Total != len(row.want) {
				t.Errorf("found %q of %d, want %q", got, page.Total, row.want)
			}
		})
	}
}

func TestLoadSCIMUser(t *testing.T) {
	w := newWorld(t, provisioned)
	w.delete(acme, "u-rita")
	rows := []struct {
		name   string
		access tenants.SCIMAccess
		uid    string
		want   string
	}{
		{"an identity", acme, "u-dan", ""},
		{"one that is deleted, to be brought back", acme, "u-rita", ""},
		{"another tenant's", beta, "u-dan", "not found"},
		{"one that never was", acme, "u-none", "not found"},
		{"nothing", acme, "", "not found"},
		{"what is no text", acme, "\xff", "not found"},
		{"the key of another item", acme, "u-dan#x", "not found"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			u, err := w.reader.LoadSCIMUser(t.Context(), row.access, row.uid)
			if known(err) != row.want || err == nil && (u.Identity.ExternUID != row.uid || u.User.ID == 0 || u.Version == "") {
				t.Errorf("%+v, %v; want %q", u.Identity, err, row.want)
			}
		})
	}
}

func TestAnIdentityGoesWithItsUser(t *testing.T) {
	w := newWorld(t, provisioned)
	w.user(acme, "u-dan")
	w.apply(`{"remove":{"users":[{"id":13}]}}`)
	if _, err := w.reader.LoadSCIMUser(t.Context(), acme, "u-dan"); known(err) != "not found" {
		t.Errorf("got %v", err)
	}
	page, err := w.reader.ListSCIMUsers(t.Context(), acme, 1, 20)
	if err != nil || page.Total != 2 || !slices.Equal(uids(page.Users), []string{"u-rita", "u-mia"}) {
		t.Errorf("listed %q of %d, %v", uids(page.Users), page.Total, err)
	}
	w.sound("without the user")
}
