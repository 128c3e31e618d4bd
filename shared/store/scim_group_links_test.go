package store_test

import (
	"slices"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/tenants"
)

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
			w.must(w.changeGroup(acme, ops.ID, tenants.SCIMGroupChange{Remove: []string{"u-rita"}}))
		}, 14, "acme/app", 30},
		{"what else the user holds, when the last one is left", func(w *world) {
			ops := w.group(acme, "Ops", "u-rita")
			w.must(w.changeGroup(acme, ops.ID, tenants.SCIMGroupChange{Clear: true}))
		}, 14, "acme/app", 10},
		{"what else the user holds, when the group is deleted", func(w *world) {
			w.must(w.deleteGroup(acme, w.group(acme, "Ops", "u-rita").ID))
		}, 14, "acme/app", 10},
		{"a higher role of one's own", func(w *world) { w.group(acme, "Devs", "u-mia") }, 15, "acme/app", 50},
		{"nothing while the identity is inactive", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.change(acme, "u-rita", tenants.SCIMChange{Active: &no})
		}, 14, "acme/app", 0},
		{"nothing for an identity that was inactive already", func(w *world) {
			w.change(acme, "u-rita", tenants.SCIMChange{Active: &no})
			w.group(acme, "Ops", "u-rita")
		}, 14, "acme/app", 0},
		{"again when it is active again", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.change(acme, "u-rita", tenants.SCIMChange{Active: &no})
			w.change(acme, "u-rita", tenants.SCIMChange{Active: &yes})
		}, 14, "acme/app", 40},
		{"what else the user holds, while a document says that the identity is inactive", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.apply(`{"scim_identities":[{"namespace_id":20,"extern_uid":"u-rita","active":false}]}`)
		}, 14, "acme/app", 10},
		{"again when a document says that it is active", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.change(acme, "u-rita", tenants.SCIMChange{Active: &no})
			w.apply(`{"scim_identities":[{"namespace_id":20,"extern_uid":"u-rita","active":true}]}`)
		}, 14, "acme/app", 40},
		{"what else the user holds, when a document removes the identity", func(w *world) {
			ops := w.group(acme, "Ops", "u-rita", "u-dan")
			w.apply(`{"remove":{"scim_identities":[{"namespace_id":20,"extern_uid":"u-rita"}]}}`)
			if left := w.members(acme, ops.ID); !slices.Equal(left, []string{"u-dan"}) {
				w.t.Errorf("left: %q", left)
			}
		}, 14, "acme/app", 10},
		{"what else the user holds, when a document gives the identity to another one", func(w *world) {
			ops := w.group(acme, "Ops", "u-rita", "u-dan")
			w.apply(`{"scim_identities":[{"namespace_id":20,"extern_uid":"u-rita","user_id":16}]}`)
			if left := w.members(acme, ops.ID); !slices.Equal(left, []string{"u-dan"}) {
				w.t.Errorf("left: %q", left)
			}
		}, 14, "acme/app", 10},
		{"nothing for whom it is given to", func(w *world) {
			w.group(acme, "Ops", "u-rita")
			w.apply(`{"scim_identities":[{"namespace_id":20,"extern_uid":"u-rita","user_id":16}]}`)
		}, 16, "acme/app", 0},
		{"the instance's groups below a group without a provider", func(w *world) { w.group(instance, "Ops", "i-gus") }, 16, "plain/other", 20},
		{"nothing of those when a document removes the identity", func(w *world) {
			w.group(instance, "Ops", "i-gus")
			w.apply(`{"remove":{"scim_identities":[{"extern_uid":"i-gus"}]}}`)
		}, 16, "plain/other", 0},
		{"nor when a document gives it to another user", func(w *world) {
			w.group(instance, "Ops", "i-gus")
			w.apply(`{"scim_identities":[{"extern_uid":"i-gus","user_id":15}]}`)
		}, 16, "plain/other", 0},
		{"nothing of those when a document removes the user", func(w *world) {
			w.group(instance, "Ops", "i-gus")
			w.apply(`{"remove":{"users":[{"id":16}]}}`)
		}, 16, "plain/other", 0},
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
			w.must(w.changeGroup(acme, w.group(acme, "Ops", "u-rita").ID, tenants.SCIMGroupChange{DisplayName: &devs}))
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
			w.must(w.changeGroup(instance, g.ID, tenants.SCIMGroupChange{Remove: []string{"i-gus"}}))
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
