package record

import (
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/table"
)

func TestExpressions(t *testing.T) {
	created := Change{New: UserRecord(ann())}.operations()[0].write()
	if table.Integer(created.Item, "v") != 1 || created.If != "attribute_not_exists(pk)" {
		t.Errorf("created: %+v", created)
	}
	ops := Change{
		Old: read(UserRecord(with(ann(), func(u *gitlab.User) { u.Admin = true })), 3),
		New: UserRecord(with(ann(), func(u *gitlab.User) { u.Name, u.Username = "A", "bea" })),
	}.operations()
	updated := ops[0].write()
	if updated.Update != "SET #v = :next, #s0 = :s0, #s1 = :s1 REMOVE #d0" || updated.If != "v = :version" ||
		updated.Names["#s0"] != "name" || updated.Names["#d0"] != "admin" {
		t.Errorf("updated: %s if %s with %v", updated.Update, updated.If, updated.Names)
	}
	if v := table.Integer(updated.Values, ":next"); v != 4 {
		t.Errorf("the next version is %d", v)
	}
	removed := ops[1].write()
	if c := removed.If; removed.Verb != table.Delete || c != "#hid = :hid AND #hkind = :hkind" && c != "#hkind = :hkind AND #hid = :hid" {
		t.Errorf("removed if %s", c)
	}
}

func TestItemSizeIsAtLeastThatOfTheText(t *testing.T) {
	item := table.Encode(&gitlab.ProtectedBranch{
		Name: strings.Repeat("n", 100), PushAccessLevels: []gitlab.Grantee{{UserID: id(5)}, {GroupID: id(6)}},
	})
	if size := table.Size(item); size < 120 || size > 300 {
		t.Errorf("size %d", size)
	}
	if err := SecurityPolicyRecord(&gitlab.SecurityPolicy{ProjectID: id(1), Name: "n", YAML: strings.Repeat("x", 400<<10)}).Fits(); err == nil {
		t.Error("an item of more than 400 KB fits")
	}
	if err := RefRecord(&gitlab.Ref{ProjectID: 1, Name: strings.Repeat("x", 1100)}).Fits(); err == nil {
		t.Error("a key of more than 1,024 bytes fits")
	}
	if err := UserRecord(ann()).Fits(); err != nil {
		t.Errorf("a user: %v", err)
	}
}
