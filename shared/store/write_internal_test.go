package store

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

func TestExpressions(t *testing.T) {
	s := New(nil, "t", time.Now)
	created := s.write(Change{New: UserRecord(ann())}.operations()[0])
	if v := created.Put.Item["v"].(*types.AttributeValueMemberN).Value; v != "1" || *created.Put.ConditionExpression != "attribute_not_exists(pk)" {
		t.Errorf("created: %+v", created.Put)
	}
	ops := Change{
		Old: read(UserRecord(with(ann(), func(u *gitlab.User) { u.Admin = true })), 3),
		New: UserRecord(with(ann(), func(u *gitlab.User) { u.Name, u.Username = "A", "bea" })),
	}.operations()
	updated := s.write(ops[0]).Update
	if *updated.UpdateExpression != "SET #v = :next, #s0 = :s0, #s1 = :s1 REMOVE #d0" || *updated.ConditionExpression != "v = :version" ||
		updated.ExpressionAttributeNames["#s0"] != "name" || updated.ExpressionAttributeNames["#d0"] != "admin" {
		t.Errorf("updated: %s if %s with %v", *updated.UpdateExpression, *updated.ConditionExpression, updated.ExpressionAttributeNames)
	}
	if v := updated.ExpressionAttributeValues[":next"].(*types.AttributeValueMemberN).Value; v != "4" {
		t.Errorf("the next version is %s", v)
	}
	removed := s.write(ops[1]).Delete
	if c := *removed.ConditionExpression; c != "#hid = :hid AND #hkind = :hkind" && c != "#hkind = :hkind AND #hid = :hid" {
		t.Errorf("removed if %s", c)
	}
}

func TestItemSizeIsAtLeastThatOfTheText(t *testing.T) {
	item := encode(&gitlab.ProtectedBranch{
		Name: strings.Repeat("n", 100), PushAccessLevels: []gitlab.Grantee{{UserID: id(5)}, {GroupID: id(6)}},
	})
	if size := itemSize(item); size < 120 || size > 300 {
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
