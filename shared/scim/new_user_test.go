package scim_test

import (
	"strings"
	"testing"

	"postern/shared/scim"
)

func TestReadNewUserParsesBody(t *testing.T) {
	rows := []struct{ name, body, want string }{
		{
			"the internal API's example",
			`{"externalId":"test_uid","active":null,"userName":"username","emails":[{"primary":true,"type":"work","value":"name@example.com"}],
			  "name":{"formatted":"Test User","familyName":"User","givenName":"Test"},"meta":{"resourceType":"User"}}`,
			`{"UID":"test_uid","Username":"username","Name":"Test User","Email":"name@example.com","Active":true}`,
		},
		{
			"a name in parts, keys in other case",
			`{"EXTERNALID":"u","USERNAME":"u","Emails":[{"VALUE":"a@b.c"}],"Name":{"GivenName":"Ann","FAMILYNAME":"Lee"},"Active":"False"}`,
			`{"UID":"u","Username":"u","Name":"Ann Lee","Email":"a@b.c","Active":false}`,
		},
		{
			"the display name, and a number as id",
			`{"externalId":17,"userName":"u","emails":"a@b.c","displayName":" Ann ","name":{"formatted":" "}}`,
			`{"UID":"17","Username":"u","Name":"Ann","Email":"a@b.c","Active":true}`,
		},
		{
			"the work address before the first",
			`{"externalId":"u","userName":"u","emails":[{"type":"home","value":"h@b.c"},{"type":"Work","value":"w@b.c"}],"name.formatted":"Ann"}`,
			`{"UID":"u","Username":"u","Name":"Ann","Email":"w@b.c","Active":true}`,
		},
		{
			"the primary address, and objects as text",
			`{"externalId":"u","userName":"u","emails":"[{\"value\":\"h@b.c\"},{\"primary\":\"True\",\"value\":\"p@b.c\"}]","name":"{\"formatted\":\"Ann\"}"}`,
			`{"UID":"u","Username":"u","Name":"Ann","Email":"p@b.c","Active":true}`,
		},
		{
			"the first address without a work address",
			`{"externalId":"u","userName":"u","emails":[{"type":"home","value":"h@b.c"},{"value":"i@b.c"}],"name":{"givenName":"Ann"},"password":"secret"}`,
			`{"UID":"u","Username":"u","Name":"Ann","Email":"h@b.c","Active":true}`,
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := scim.ReadNewUser(object(t, row.body))
			if err != nil || encoded(t, got) != row.want {
				t.Errorf("%s, %v, want %s", encoded(t, got), err, row.want)
			}
		})
	}
}

func TestReadNewUserRejectsInvalidBody(t *testing.T) {
	const good = `"externalId":"u","userName":"u","emails":[{"value":"a@b.c"}],"name":{"formatted":"Ann"}`
	for body, detail := range map[string]string{
		`{}`: "Missing or blank: externalId, userName, emails, name",
		`{"externalId":"u","name":{"formatted":"Ann"}}`:                "Missing or blank: userName, emails",
		`{` + good + `,"emails":[]}`:                                   "Missing or blank: emails",
		`{` + good + `,"externalId":" "}`:                              "Missing or blank: externalId",
		`{` + good + `,"userName":{}}`:                                 "Missing or blank: userName",
		`{` + good + `,"active":"perhaps"}`:                            "active must be true or false",
		`{` + good + `,"active":[]}`:                                   "active must be true or false",
		`{` + good + `,"userName":"` + strings.Repeat("é", 256) + `"}`: "userName is too long (maximum is 255 characters)",
		`{` + good + `,"name":{"formatted":"a\u0000b"}}`:               "name is invalid",
		`{` + good + `,"externalId":"a\u0000b"}`:                       "externalId is invalid",
	} {
		_, err := scim.ReadNewUser(object(t, body))
		refused(t, err, 400, scim.InvalidValue)
		if err == nil || err.Error() != "scim: "+detail {
			t.Errorf("%s: %v, want %s", body, err, detail)
		}
	}
}
