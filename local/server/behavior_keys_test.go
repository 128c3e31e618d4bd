package server

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"

	"postern/shared/apitest"
)

// blob returns the base64 of a key of the fixture.
func blob(t testing.TB, id int) string {
	t.Helper()
	found := regexp.MustCompile(fmt.Sprintf(`ssh-ed25519 (\S+) k%d@`, id)).FindSubmatch(apitest.Fixture())
	if found == nil {
		t.Fatalf("no key %d in the fixture", id)
	}
	return string(bytes.TrimRight(found[1], "="))
}

func keyCases(t *testing.T) []behavior {
	const ca = "Quvv42Q9O8JJoq8k9dfrJinTB8XiK3Ga59YaN1tQu2o"
	keys := func(key string) func(*testing.T, *apitest.API) *apitest.Answer {
		return get("authorized_keys", "key", key)
	}
	certs := func(key, user string) func(*testing.T, *apitest.API) *apitest.Answer {
		return get("authorized_certs", "key", key, "user_identifier", user)
	}
	unknown := want{status: 404, body: `{"message":"404 Key Not Found"}`}
	trusted := `{"instance":{"edition":"ee"},"ssh_certificates":[{"namespace_id":20,"fingerprint":"` + ca + `","title":"ca"}],` +
		`"users":[{"id":13,"enterprise_group_id":20}]}`
	null := want{status: 200, body: "null"}
	return []behavior{
		{number: "94", name: "a key is found by its blob", call: keys(blob(t, 102)), want: want{status: 200, has: map[string]string{"id": "102", "key": "ssh-ed25519 " + blob(t, 102) + " Dan (gitlab.example.com)", "expires_at": "<nil>"}}},
		{number: "95", name: "part of a blob", call: keys(blob(t, 102)[:len(blob(t, 102))-3]), want: unknown},
		{number: "96", name: "no base64", call: keys("whatever!"), want: unknown},
		{number: "97", name: "a key for signing only", call: keys(blob(t, 109)), want: unknown},
		{number: "98", name: "an expired key", call: keys(blob(t, 107)), want: want{status: 200, has: map[string]string{"id": "107"}}},
		{number: "98", name: "a blocked owner's key", call: keys(blob(t, 106)), want: want{status: 200, has: map[string]string{"id": "106"}}},
		{number: "99", name: "a deploy key", call: keys(blob(t, 201)), want: want{status: 200, has: map[string]string{"id": "201"}}},
		{number: "100", name: "the owner of a key", call: get("discover", "key_id", "102"), want: want{status: 200, body: `{"id":13,"name":"Dan","username":"dan"}`}},
		{number: "101", name: "an unknown username", call: get("discover", "username", "noone"), want: null},
		{number: "101", name: "no parameter", call: get("discover"), want: null},
		{number: "101", name: "the owner of a key for signing only", call: get("discover", "key_id", "109"), want: null},
		{number: "103", name: "an unknown authority", given: []string{`{"instance":{"edition":"ee"}}`}, call: certs(ca, "dan"), want: want{status: 404, message: "Certificate Not Found"}},
		{number: "104", name: "an enterprise user", given: []string{trusted}, call: certs(ca, "dan"), want: want{status: 200, body: `{"success":true,"namespace":"acme","username":"dan"}`}},
		{number: "105", name: "a user without membership", given: []string{trusted}, call: certs(ca, "nora"), want: want{status: 404, message: "User Not Found"}},
		{number: "106", name: "a member of another enterprise", given: []string{trusted}, call: certs(ca, "mia"), want: want{status: 403, message: "Not an Enterprise User of the group"}},
		{number: "107", name: "the feature is off", given: []string{trusted, `{"instance":{"edition":"ce"}}`}, call: certs(ca, "dan"), want: want{status: 403, message: "Feature is not available"}},
	}
}
