package store_test

import (
	"slices"
	"testing"

	"postern/shared/store/tenants"
)

func TestChangeSCIMGroup(t *testing.T) {
	text := func(s string) *string { return &s }
	rows := []struct {
		name    string
		change  tenants.SCIMGroupChange
		want    string
		members []string
	}{
		{"nothing", tenants.SCIMGroupChange{}, "", []string{"u-dan"}},
		{"a member comes", tenants.SCIMGroupChange{Add: []string{"u-rita"}}, "", []string{"u-dan", "u-rita"}},
		{"a member comes twice", tenants.SCIMGroupChange{Add: []string{"u-rita", "u-rita"}}, "", []string{"u-dan", "u-rita"}},
		{"a member who is one", tenants.SCIMGroupChange{Add: []string{"u-dan"}}, "", []string{"u-dan"}},
		{"a member goes", tenants.SCIMGroupChange{Remove: []string{"u-dan"}}, "", nil},
		{"only those that are named go", tenants.SCIMGroupChange{Add: []string{"u-rita"}, Remove: []string{"u-dan"}}, "", []string{"u-rita"}},
		{"somebody who is none goes", tenants.SCIMGroupChange{Remove: []string{"u-rita", "u-none", ""}}, "", []string{"u-dan"}},
		{"all go", tenants.SCIMGroupChange{Clear: true}, "", nil},
		{"all go and some come", tenants.SCIMGroupChange{Clear: true, Add: []string{"u-dan", "u-mia"}}, "", []string{"u-dan", "u-mia"}},
		{"somebody unknown comes", tenants.SCIMGroupChange{Clear: true, Add: []string{"u-rita", "u-none"}}, "unknown members", []string{"u-dan"}},
		{"somebody of another tenant comes", tenants.SCIMGroupChange{Add: []string{"i-gus"}}, "unknown members", []string{"u-dan"}},
		{"a name of one's own", tenants.SCIMGroupChange{DisplayName: text("OPS")}, "", []string{"u-dan"}},
		{"a name that is taken", tenants.SCIMGroupChange{DisplayName: text("devs")}, "taken", []string{"u-dan"}},
		{"an external id", tenants.SCIMGroupChange{ExternalID: text("e")}, "", []string{"u-dan"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, provisioned)
			w.group(acme, "Devs")
			g := w.group(acme, "Ops", "u-dan")
			if err := w.changeGroup(acme, g.ID, row.change); known(err) != row.want {
				t.Fatalf("%v, want %q", err, row.want)
			}
			if got := w.members(acme, g.ID); !slices.Equal(got, row.members) {
				t.Errorf("members %q, want %q", got, row.members)
			}
			now, err := w.reader.LoadSCIMGroup(t.Context(), acme, g.ID, tenants.SCIMMembers{UIDs: []string{"u-dan", "u-none"}})
			if is := slices.Contains(row.members, "u-dan"); err != nil || len(now.Members) != map[bool]int{true: 1}[is] {
				t.Errorf("asked for one member, there is %v, %v", now.Members, err)
			}
			if row.change.DisplayName != nil && row.want == "" && now.DisplayName != *row.change.DisplayName {
				t.Errorf("named %s", now.DisplayName)
			}
			w.sound("changed")
		})
	}
}

func TestFindSCIMGroups(t *testing.T) {
	w := newWorld(t, provisioned)
	ops := w.group(acme, "Ops", "u-dan", "u-rita")
	devs, err := w.reader.CreateSCIMGroup(t.Context(), acme, tenants.NewSCIMGroup{DisplayName: "Devs", ExternalID: "e-1"})
	if err != nil {
		t.Fatal(err)
	}
	w.group(beta, "Ops")
	rows := []struct {
		name   string
		access tenants.SCIMAccess
		lookup tenants.SCIMGroupLookup
		want   []string
	}{
		{"by name", acme, tenants.SCIMGroupLookup{DisplayName: "Ops"}, []string{ops.ID}},
		{"by name without case", acme, tenants.SCIMGroupLookup{DisplayName: "oPS"}, []string{ops.ID}},
		{"by a name that is none", acme, tenants.SCIMGroupLookup{DisplayName: "None"}, nil},
		{"by id", acme, tenants.SCIMGroupLookup{ID: devs.ID}, []string{devs.ID}},
		{"by another tenant's id", beta, tenants.SCIMGroupLookup{ID: devs.ID}, nil},
		{"by what is no id", acme, tenants.SCIMGroupLookup{ID: "x"}, nil},
		{"by external id", acme, tenants.SCIMGroupLookup{ExternalID: "e-1"}, []string{devs.ID}},
		{"by an external id that is none", acme, tenants.SCIMGroupLookup{ExternalID: "E-1"}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			page, err := w.reader.FindSCIMGroups(t.Context(), row.access, row.lookup, tenants.SCIMMembers{All: true})
			var got []string
			for _, g := range page.Groups {
				got = append(got, g.ID)
			}
			if err != nil || !slices.Equal(got, row.want) || page.Total != len(row.want) {
				t.Errorf("found %q, %v; want %q", got, err, row.want)
			}
		})
	}
	if _, err := w.reader.LoadSCIMGroup(t.Context(), beta, ops.ID, tenants.SCIMMembers{}); known(err) != "not found" {
		t.Errorf("another tenant's group: %v", err)
	}
	if _, err := w.reader.CreateSCIMGroup(t.Context(), acme, tenants.NewSCIMGroup{DisplayName: "OPS"}); known(err) != "taken" {
		t.Errorf("a second one of that name: %v", err)
	}
	for start, want := range map[int]string{0: ops.ID, 1: ops.ID, 2: devs.ID, 3: ""} {
		page, err := w.reader.ListSCIMGroups(t.Context(), acme, start, 1, tenants.SCIMMembers{})
		if err != nil || page.Total != 2 || (len(page.Groups) == 1) != (want != "") || want != "" && page.Groups[0].ID != want {
			t.Errorf("from %d: %v of %d, %v", start, page.Groups, page.Total, err)
		}
	}
}

func TestAGroupThatChangedSinceIsAConflict(t *testing.T) {
	w := newWorld(t, provisioned)
	g := w.group(acme, "Ops")
	w.must(w.changeGroup(acme, g.ID, tenants.SCIMGroupChange{Add: []string{"u-dan"}}))
	if _, err := w.reader.ChangeSCIMGroup(t.Context(), acme, g, tenants.SCIMGroupChange{Add: []string{"u-rita"}}); known(err) != "conflict" {
		t.Errorf("changed: %v", err)
	}
	if err := w.reader.DeleteSCIMGroup(t.Context(), acme, g); known(err) != "conflict" {
		t.Errorf("deleted: %v", err)
	}
	if got := w.members(acme, g.ID); !slices.Equal(got, []string{"u-dan"}) {
		t.Errorf("members %q", got)
	}
}

// Members are shown by the external UIDs that they have now.
func TestMembersFollowTheirExternalUIDs(t *testing.T) {
	w := newWorld(t, provisioned)
	g := w.group(acme, "Ops", "u-dan", "u-rita")
	renamed := "d-2"
	w.change(acme, "u-dan", tenants.SCIMChange{ExternUID: &renamed})
	w.delete(acme, "u-rita")
	if got := w.members(acme, g.ID); !slices.Equal(got, []string{"d-2"}) {
		t.Errorf("members %q", got)
	}
	w.sound("renamed and deleted")
}
