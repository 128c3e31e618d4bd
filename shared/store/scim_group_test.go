package store_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store"
)

func (w *world) group(a store.SCIMAccess, name string, members ...string) store.SCIMGroup {
	w.t.Helper()
	g, err := w.reader.CreateSCIMGroup(w.t.Context(), a, store.NewSCIMGroup{DisplayName: name, Members: members})
	if err != nil {
		w.t.Fatalf("create %s: %v", name, err)
	}
	return g
}

func (w *world) changeGroup(a store.SCIMAccess, id string, c store.SCIMGroupChange) error {
	g, err := w.reader.LoadSCIMGroup(w.t.Context(), a, id, store.SCIMMembers{})
	if err != nil {
		return err
	}
	_, err = w.reader.ChangeSCIMGroup(w.t.Context(), a, g, c)
	return err
}

func (w *world) deleteGroup(a store.SCIMAccess, id string) error {
	g, err := w.reader.LoadSCIMGroup(w.t.Context(), a, id, store.SCIMMembers{})
	if err != nil {
		return err
	}
	return w.reader.DeleteSCIMGroup(w.t.Context(), a, g)
}

// members lists the external UIDs of a group's members, in order.
func (w *world) members(a store.SCIMAccess, id string) []string {
	w.t.Helper()
	g, err := w.reader.LoadSCIMGroup(w.t.Context(), a, id, store.SCIMMembers{All: true})
	if err != nil {
		w.t.Fatalf("load group: %v", err)
	}
	var list []string
	for _, m := range g.Members {
		list = append(list, m.UID)
	}
	slices.Sort(list)
	return list
}

const links = `{"saml_group_links":[
 {"namespace_id":20,"saml_group_name":"Ops","access_level":40},{"namespace_id":20,"saml_group_name":"Devs","access_level":30},
 {"namespace_id":23,"saml_group_name":"Web","access_level":50},{"namespace_id":22,"saml_group_name":"Ops","access_level":20}]}`

// A group takes effect through links: the highest level of all groups counts, and what else the user holds stays.
func TestWhatSCIMGroupsGive(t *testing.T) {
	rows := []struct {
		name string
		do   func(*world)
		user gitlab.ID
		path string
		want gitlab.AccessLevel
	}{
		{"nothing without members", func(w *world) { w.group(acme, "Ops") }, 14, "acme/app", 10},
		{"the link's level", func(w *world) { w.group(acme, "Ops", "u-rita") }, 14, "acme/app", 40},
		{"below the linked group, too", func(w *world) { w.group(acme, "Ops", "u-rita") }, 14, "acme/web/deep", 40},
		{"only below the linked group", func(w *world) { w.group(acme, "Web", "u-rita") }, 14, "acme/app", 10},
		{"there it counts", func(w *world) { w.group(acme, "Web", "u-rita") }, 14, "acme/web/deep", 50},
		{"nothing in another tenant's group of that name", func(w *world) { w.group(acme, "Ops", "u-rita") }, 14, "plain/other", 0},
		{"nothing by a name in other case", func(w *world) { w.group(acme, "ops", "u-rita") }, 14, "acme/app", 10},
		{"the highest of several groups", func(w *world) {
			w.group(acme, "Devs", "u-rita")
			w.group(acme, "Ops", "u-rita")
		}, 14, "acme/app", 40},
		{"the other one when one is left", func(w *world) {
			w.group(acme, "Devs", "u-rita")
			ops := w.group(acme, "Ops", "u-rita", "u-dan")
			w.must(w.changeGroup(acme, ops.ID, store.SCIMGroupChange{Remove: []string{"u-rita"}}))
		}, 14, "acme/app", 30},
		{"what else the user holds, when the last one is left", func(w *world) {
			ops := w.group(acme, "Ops", "u-rita")
			w.must(w.changeGroup(acme, ops.ID, store.SCIMGroupChange{Clear: true}))
		}, 14, "acme/app", 10},
		{"what else the user holds, when the group is deleted", func(w *world) {
			w.must(w.deleteGroup(acme, w.group(acme, "Ops", "u-rita").ID))
		}, 14, "acme/app", 10},
		{"a higher role of one's own", func(w *world) { w.group(acme, "Devs", "u-mia") }, 15, "acme/app", 50},
		{"nothing while the identity is inactive", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.change(acme, "u-rita", store.SCIMChange{Active: &no})
		}, 14, "acme/app", 0},
		{"nothing for an identity that was inactive already", func(w *world) {
			w.change(acme, "u-rita", store.SCIMChange{Active: &no})
			w.group(acme, "Ops", "u-rita")
		}, 14, "acme/app", 0},
		{"again when it is active again", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.change(acme, "u-rita", store.SCIMChange{Active: &no})
			w.change(acme, "u-rita", store.SCIMChange{Active: &yes})
		}, 14, "acme/app", 40},
		{"nothing once the identity was deleted", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.delete(acme, "u-rita")
			w.create(acme, newcomer("u-rita"))
		}, 14, "acme/app", 30},
		{"a link that comes later", func(w *world) {
			w.group(acme, "Late", "u-rita")
			w.apply(`{"saml_group_links":[{"namespace_id":20,"saml_group_name":"Late","access_level":30}]}`)
		}, 14, "acme/app", 30},
		{"a link that is changed", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.apply(`{"saml_group_links":[{"namespace_id":20,"saml_group_name":"Ops","access_level":20}]}`)
		}, 14, "acme/app", 20},
		{"a link that goes", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.apply(`{"remove":{"saml_group_links":[{"namespace_id":20,"saml_group_name":"Ops"}]}}`)
		}, 14, "acme/app", 10},
		{"what the new name gives", func(w *world) {
			devs := "Devs"
			w.must(w.changeGroup(acme, w.group(acme, "Ops", "u-rita").ID, store.SCIMGroupChange{DisplayName: &devs}))
		}, 14, "acme/app", 30},
		{"a membership that a document removes stays gone, the group's does not", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.apply(`{"remove":{"members":[{"user_id":14,"namespace_id":20}]}}`)
			w.apply(`{"remove":{"members":[{"user_id":14,"namespace_id":20}]}}`)
		}, 14, "acme/app", 40},
		{"the instance's groups where there is no other provider", func(w *world) { w.group(instance, "Ops", "i-gus") }, 16, "plain/other", 20},
		{"not where there is", func(w *world) { w.group(instance, "Ops", "i-gus") }, 16, "acme/app", 0},
		{"not once the user left it", func(w *world) {
			g := w.group(instance, "Ops", "i-gus")
			w.must(w.changeGroup(instance, g.ID, store.SCIMGroupChange{Remove: []string{"i-gus"}}))
		}, 16, "plain/other", 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, provisioned)
			w.apply(links)
			row.do(w)
			if got := w.level(row.user, row.path); got != row.want {
				t.Errorf("holds %d, want %d", got, row.want)
			}
			w.sound("in the end")
		})
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestChangeSCIMGroup(t *testing.T) {
	text := func(s string) *string { return &s }
	rows := []struct {
		name    string
		change  store.SCIMGroupChange
		want    string
		members []string
	}{
		{"nothing", store.SCIMGroupChange{}, "", []string{"u-dan"}},
		{"a member comes", store.SCIMGroupChange{Add: []string{"u-rita"}}, "", []string{"u-dan", "u-rita"}},
		{"a member comes twice", store.SCIMGroupChange{Add: []string{"u-rita", "u-rita"}}, "", []string{"u-dan", "u-rita"}},
		{"a member who is one", store.SCIMGroupChange{Add: []string{"u-dan"}}, "", []string{"u-dan"}},
		{"a member goes", store.SCIMGroupChange{Remove: []string{"u-dan"}}, "", nil},
		{"only those that are named go", store.SCIMGroupChange{Add: []string{"u-rita"}, Remove: []string{"u-dan"}}, "", []string{"u-rita"}},
		{"somebody who is none goes", store.SCIMGroupChange{Remove: []string{"u-rita", "u-none", ""}}, "", []string{"u-dan"}},
		{"all go", store.SCIMGroupChange{Clear: true}, "", nil},
		{"all go and some come", store.SCIMGroupChange{Clear: true, Add: []string{"u-dan", "u-mia"}}, "", []string{"u-dan", "u-mia"}},
		{"somebody unknown comes", store.SCIMGroupChange{Clear: true, Add: []string{"u-rita", "u-none"}}, "unknown members", []string{"u-dan"}},
		{"somebody of another tenant comes", store.SCIMGroupChange{Add: []string{"i-gus"}}, "unknown members", []string{"u-dan"}},
		{"a name of one's own", store.SCIMGroupChange{DisplayName: text("OPS")}, "", []string{"u-dan"}},
		{"a name that is taken", store.SCIMGroupChange{DisplayName: text("devs")}, "taken", []string{"u-dan"}},
		{"an external id", store.SCIMGroupChange{ExternalID: text("e")}, "", []string{"u-dan"}},
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
			now, err := w.reader.LoadSCIMGroup(t.Context(), acme, g.ID, store.SCIMMembers{UIDs: []string{"u-dan", "u-none"}})
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
	devs, err := w.reader.CreateSCIMGroup(t.Context(), acme, store.NewSCIMGroup{DisplayName: "Devs", ExternalID: "e-1"})
	if err != nil {
		t.Fatal(err)
	}
	w.group(beta, "Ops")
	rows := []struct {
		name   string
		access store.SCIMAccess
		lookup store.SCIMGroupLookup
		want   []string
	}{
		{"by name", acme, store.SCIMGroupLookup{DisplayName: "Ops"}, []string{ops.ID}},
		{"by name without case", acme, store.SCIMGroupLookup{DisplayName: "oPS"}, []string{ops.ID}},
		{"by a name that is none", acme, store.SCIMGroupLookup{DisplayName: "None"}, nil},
		{"by id", acme, store.SCIMGroupLookup{ID: devs.ID}, []string{devs.ID}},
		{"by another tenant's id", beta, store.SCIMGroupLookup{ID: devs.ID}, nil},
		{"by what is no id", acme, store.SCIMGroupLookup{ID: "x"}, nil},
		{"by external id", acme, store.SCIMGroupLookup{ExternalID: "e-1"}, []string{devs.ID}},
		{"by an external id that is none", acme, store.SCIMGroupLookup{ExternalID: "E-1"}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			page, err := w.reader.FindSCIMGroups(t.Context(), row.access, row.lookup, store.SCIMMembers{All: true})
			var got []string
			for _, g := range page.Groups {
				got = append(got, g.ID)
			}
			if err != nil || !slices.Equal(got, row.want) || page.Total != len(row.want) {
				t.Errorf("found %q, %v; want %q", got, err, row.want)
			}
		})
	}
	if _, err := w.reader.LoadSCIMGroup(t.Context(), beta, ops.ID, store.SCIMMembers{}); known(err) != "not found" {
		t.Errorf("another tenant's group: %v", err)
	}
	if _, err := w.reader.CreateSCIMGroup(t.Context(), acme, store.NewSCIMGroup{DisplayName: "OPS"}); known(err) != "taken" {
		t.Errorf("a second one of that name: %v", err)
	}
	for start, want := range map[int]string{0: ops.ID, 1: ops.ID, 2: devs.ID, 3: ""} {
		page, err := w.reader.ListSCIMGroups(t.Context(), acme, start, 1, store.SCIMMembers{})
		if err != nil || page.Total != 2 || (len(page.Groups) == 1) != (want != "") || want != "" && page.Groups[0].ID != want {
			t.Errorf("from %d: %v of %d, %v", start, page.Groups, page.Total, err)
		}
	}
}

func TestAGroupThatChangedSinceIsAConflict(t *testing.T) {
	w := newWorld(t, provisioned)
	g := w.group(acme, "Ops")
	w.must(w.changeGroup(acme, g.ID, store.SCIMGroupChange{Add: []string{"u-dan"}}))
	if _, err := w.reader.ChangeSCIMGroup(t.Context(), acme, g, store.SCIMGroupChange{Add: []string{"u-rita"}}); known(err) != "conflict" {
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
	w.change(acme, "u-dan", store.SCIMChange{ExternUID: &renamed})
	w.delete(acme, "u-rita")
	if got := w.members(acme, g.ID); !slices.Equal(got, []string{"d-2"}) {
		t.Errorf("members %q", got)
	}
	w.sound("renamed and deleted")
}

// A thousand members come and go in one request; a request that is cut off anywhere is finished by the same again.
func TestAThousandMembers(t *testing.T) {
	const n = 1000
	w := newWorld(t, provisioned)
	w.many(20, n)
	all := make([]string, n)
	for i := range all {
		all[i] = "m-" + strconv.Itoa(i)
	}
	g := w.group(acme, "Ops", all...)
	if got := w.members(acme, g.ID); len(got) != n {
		t.Errorf("%d members", len(got))
	}
	w.must(w.changeGroup(acme, g.ID, store.SCIMGroupChange{Remove: all[:n-1]}))
	if got := w.members(acme, g.ID); !slices.Equal(got, all[n-1:]) {
		t.Errorf("left: %d members", len(got))
	}
	w.sound("in the end")
}

func TestAGroupsRequestThatIsCutOffIsFinishedByTheSameAgain(t *testing.T) {
	ops, devs := "Ops", "Devs"
	uids := []string{"u-dan", "u-rita", "u-mia"}
	rows := []struct {
		name   string
		before []string
		do     func(context.Context, *store.Store, string) error
		want   []string
	}{
		{"create", nil, func(ctx context.Context, s *store.Store, _ string) error {
			_, err := s.CreateSCIMGroup(ctx, acme, store.NewSCIMGroup{DisplayName: devs, Members: uids})
			return err
		}, uids},
		{"let in", nil, func(ctx context.Context, s *store.Store, id string) error {
			return changeGroup(ctx, s, id, store.SCIMGroupChange{Add: uids})
		}, uids},
		{"let out", uids, func(ctx context.Context, s *store.Store, id string) error {
			return changeGroup(ctx, s, id, store.SCIMGroupChange{Clear: true})
		}, nil},
		{"rename", uids, func(ctx context.Context, s *store.Store, id string) error {
			return changeGroup(ctx, s, id, store.SCIMGroupChange{DisplayName: &devs})
		}, uids},
		{"delete", uids, func(ctx context.Context, s *store.Store, id string) error {
			g, err := s.LoadSCIMGroup(ctx, acme, id, store.SCIMMembers{})
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			return s.DeleteSCIMGroup(ctx, acme, g)
		}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for writes := 0; ; writes++ {
				w := newWorld(t, provisioned)
				w.apply(links)
				g := w.group(acme, ops, row.before...)
				cut := store.New(&failing{API: w.count.API, left: writes}, w.table, time.Now)
				first := row.do(t.Context(), cut, g.ID)
				w.sound("cut off after " + strconv.Itoa(writes))
				if again := row.do(t.Context(), w.reader, g.ID); first == nil && row.name == "create" {
					if known(again) != "taken" {
						t.Fatalf("a second group of that name: %v", again)
					}
				} else {
					w.must(again)
				}
				w.sound("done again")
				page, err := w.reader.FindSCIMGroups(t.Context(), acme, store.SCIMGroupLookup{DisplayName: devs}, store.SCIMMembers{All: true})
				if renamed := row.name == "rename" || row.name == "create"; err != nil || renamed != (page.Total == 1) {
					t.Fatalf("after %d writes: %d groups, %v", writes, page.Total, err)
				}
				if want := map[bool]gitlab.AccessLevel{true: 40, false: 10}[row.name == "let in"]; row.name != "rename" && row.name != "create" && w.level(14, "acme/app") != want {
					t.Fatalf("after %d writes: rita holds %d, want %d", writes, w.level(14, "acme/app"), want)
				}
				if row.want != nil && page.Total == 1 && len(page.Groups[0].Members) != len(row.want) {
					t.Fatalf("after %d writes: %d members", writes, len(page.Groups[0].Members))
				}
				if page.Total == 1 && w.level(14, "acme/app") != 30 {
					t.Fatalf("after %d writes: rita holds %d by the group's new name", writes, w.level(14, "acme/app"))
				}
				if first == nil {
					return
				}
			}
		})
	}
}

func changeGroup(ctx context.Context, s *store.Store, id string, c store.SCIMGroupChange) error {
	g, err := s.LoadSCIMGroup(ctx, acme, id, store.SCIMMembers{})
	if err != nil {
		return err
	}
	_, err = s.ChangeSCIMGroup(ctx, acme, g, c)
	return err
}
