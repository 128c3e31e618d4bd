package scim_test

import (
	"strings"
	"testing"

	"postern/shared/scim"
)

func patch(operations string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operations + `]}`
}

func TestPatchUserChanges(t *testing.T) {
	yes, no, uid := true, false, "1234abcd"
	rows := []struct {
		name, operations string
		active           *bool
		uid              *string
	}{
		{"active as a boolean", `{"op":"replace","path":"active","value":false}`, &no, nil},
		{"active as text", `{"op":"Replace","path":"active","value":"False"}`, &no, nil},
		{"active in capitals", `{"op":"REPLACE","path":"ACTIVE","value":"TRUE"}`, &yes, nil},
		{"add", `{"op":"Add","path":"active","value":true}`, &yes, nil},
		{"update", `{"op":"Update","path":"active","value":"false"}`, &no, nil},
		{"with the schema's URN", `{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:active","value":false}`, &no, nil},
		{"without a path", `{"op":"replace","value":{"active":false}}`, &no, nil},
		{"with an empty path", `{"op":"replace","path":"","value":{"active":"False"}}`, &no, nil},
		{"a list of one value", `{"op":"Replace","path":"active","value":[{"$ref":null,"value":"False"}]}`, &no, nil},
		{"the last operation wins", `{"op":"replace","path":"active","value":false},{"op":"replace","path":"active","value":true}`, &yes, nil},
		{"id", `{"op":"replace","path":"id","value":"1234abcd"}`, nil, &uid},
		{"externalId", `{"op":"replace","path":"externalId","value":"1234abcd"}`, nil, &uid},
		{"both", `{"op":"replace","value":{"externalId":"1234abcd","active":"true"}}`, &yes, &uid},
		{"an e-mail address", `{"op":"replace","path":"emails[type eq \"work\"].value","value":"x@example.com"}`, nil, nil},
		{"e-mail addresses as a list", `{"op":"add","path":"emails","value":[{"value":"x@example.com"}]}`, nil, nil},
		{"a name by its flat key", `{"op":"Add","path":"name.formatted","value":"New Name"}`, nil, nil},
		{"names in an object", `{"op":"replace","value":{"name.formatted":"x","userName":"y","EMAILS":[],"displayName":"z"}}`, nil, nil},
		{"a username in other case", `{"op":"replace","path":"UserName","value":"x"}`, nil, nil},
		{"a removed name", `{"op":"remove","path":"name.familyName"}`, nil, nil},
		{"an unknown attribute", `{"op":"add","path":"title","value":"x"}`, nil, nil},
		{"an extension", `{"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"x"}}}`, nil, nil},
		{"active of another schema", `{"op":"add","path":"urn:other:schema:active","value":false}`, nil, nil},
		{"a sub-attribute of active", `{"op":"add","path":"active.value","value":false}`, nil, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := scim.PatchUser(operations(t, patch(row.operations)))
			if err != nil {
				t.Fatal(err)
			}
			if want := (scim.UserChange{Active: row.active, UID: row.uid}); encoded(t, got) != encoded(t, want) {
				t.Errorf("%s, want %s", encoded(t, got), encoded(t, want))
			}
		})
	}
}

func TestPatchUserRejectsInvalidPatch(t *testing.T) {
	rows := []struct {
		name, body string
		status     int
		kind       scim.Type
	}{
		{"no operations", `{}`, 400, scim.InvalidSyntax},
		{"an empty list", `{"Operations":[]}`, 400, scim.InvalidSyntax},
		{"operations as an object", `{"Operations":{"op":"add"}}`, 400, scim.InvalidSyntax},
		{"a string as operation", `{"Operations":["add"]}`, 400, scim.InvalidSyntax},
		{"an unknown operation", patch(`{"op":"explode","path":"active","value":true}`), 400, scim.InvalidSyntax},
		{"a missing op", patch(`{"path":"active","value":true}`), 400, scim.InvalidSyntax},
		{"a malformed path", patch(`{"op":"add","path":"emails[","value":true}`), 400, scim.InvalidPath},
		{"a malformed path in an object", patch(`{"op":"add","value":{"9":1}}`), 400, scim.InvalidPath},
		{"a number as path", patch(`{"op":"add","path":7,"value":true}`), 400, scim.InvalidPath},
		{"remove without a path", patch(`{"op":"remove","value":{"active":true}}`), 400, scim.NoTarget},
		{"a string value without a path", patch(`{"op":"add","value":"x"}`), 400, scim.InvalidValue},
		{"remove active", patch(`{"op":"remove","path":"active"}`), 400, scim.Mutability},
		{"an invalid active", patch(`{"op":"replace","path":"active","value":"perhaps"}`), 400, scim.InvalidValue},
		{"a null active", patch(`{"op":"replace","path":"active","value":null}`), 400, scim.InvalidValue},
		{"a blank id", patch(`{"op":"replace","path":"id","value":" "}`), 400, scim.InvalidValue},
		{"a removed externalId", patch(`{"op":"remove","path":"externalId"}`), 400, scim.InvalidValue},
		{"an id that is too long", patch(`{"op":"replace","path":"id","value":"` + strings.Repeat("x", 513) + `"}`), 400, scim.InvalidValue},
		{"too many operations", patch(strings.Repeat(`{"op":"add","path":"a","value":1},`, 100) + `{"op":"add","path":"a","value":1}`), 413, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			read, err := scim.ReadOperations(object(t, row.body))
			if err == nil {
				_, err = scim.PatchUser(read)
			}
			refused(t, err, row.status, row.kind)
		})
	}
}

func TestReadOperationsAcceptsText(t *testing.T) {
	values := map[string]any{"Operations": `[{"op":"replace","path":"active","value":"false"}]`}
	read, err := scim.ReadOperations(values)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := scim.PatchUser(read); err != nil || got.Active == nil || *got.Active {
		t.Errorf("%+v, %v, want active false", got, err)
	}
}

func TestReplaceUserChanges(t *testing.T) {
	for body, want := range map[string]string{
		`{"active":false,"externalId":"u-2","userName":"x","emails":[{"value":"y@example.com"}]}`: `{"Active":false,"UID":"u-2"}`,
		`{"id":"u-9","userName":"x","active":null}`:                                               `{"Active":null,"UID":null}`,
		`{"ACTIVE":"True"}`: `{"Active":true,"UID":null}`,
	} {
		got, err := scim.ReplaceUser(object(t, body))
		if err != nil || encoded(t, got) != want {
			t.Errorf("%s: %s, %v, want %s", body, encoded(t, got), err, want)
		}
	}
	_, err := scim.ReplaceUser(object(t, `{"active":"x"}`))
	refused(t, err, 400, scim.InvalidValue)
}
