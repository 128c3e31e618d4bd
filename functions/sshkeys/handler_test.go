package sshkeys_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"postern/functions/sshkeys"
	"postern/shared/apitest"
)

const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIEOUoqVhRHhocfH9qs9uJC3Et83kX9jy0YvYlCdp6Yp5"

func mount(d apitest.Deps) http.Handler {
	return sshkeys.New(sshkeys.Deps{Store: d.Store, Shell: d.Shell, HTTP: d.HTTP})
}

func serve(t *testing.T, documents ...string) *apitest.API {
	t.Helper()
	loaded := [][]byte{apitest.Fixture()}
	for _, d := range documents {
		loaded = append(loaded, []byte(d))
	}
	return apitest.Serve(t, mount, loaded...)
}

func TestAuthorizedKeysFindsKey(t *testing.T) {
	api := serve(t, `{
	 "keys":[{"id":102,"created_at":"2019-06-27T15:29:02.219Z","expires_at":"2030-01-02T03:04:05Z"}],
	 "users":[{"id":12,"name":"Mia\nssh-ed25519 AAAA evil"}]}`)
	rows := []struct {
		name   string
		query  url.Values
		status int
		like   string
	}{
		{"as OpenSSH sends it", url.Values{"key": {blob}}, 200, `"id":102,"title":"key 102"`},
		{"times in milliseconds", url.Values{"key": {blob}}, 200, `"created_at":"2019-06-27T15:29:02.219Z","expires_at":"2030-01-02T03:04:05.000Z"`},
		{"the comment names owner and instance", url.Values{"key": {blob}}, 200, blob + ` Dan (gitlab.example.com)"`},
		{"with padding", url.Values{"key": {blob + "=="}}, 200, `"id":102`},
		{"with line breaks in it", url.Values{"key": {blob[:20] + "\n" + blob[20:]}}, 200, `"id":102`},
		{"a plus that became a space", url.Values{"key": {strings.ReplaceAll("AAAAC3NzaC1lZDI1NTE5AAAAIGzdg379CLdJFTcTmC09hSlVocXVAxoCcgl80bxXWjH4", "+", " ")}}, 200, `"id":103`},
		{"a name with a line break", url.Values{"key": {"AAAAC3NzaC1lZDI1NTE5AAAAIH66SyPc4kSb9GVSBiN221DEwck3wqeApf3u6cKh4A+B"}}, 200, `Miassh-ed25519 AAAA evil (gitlab.example.com)"`},
		{"a key without an owner", url.Values{"key": {"AAAAC3NzaC1lZDI1NTE5AAAAIEpfK6EEiYzMyMaIALqG2OlYQlyoYTDXwS/EcaxRWJLa"}}, 200, ` (gitlab.example.com)"`},
		{"a deploy key names its creator", url.Values{"key": {"AAAAC3NzaC1lZDI1NTE5AAAAILn5OLZ3d+C3KSOXFc27tbitByZmK7o5fELsg410NvJc"}}, 200, `"id":201`},
		{"a whole line instead of a blob", url.Values{"key": {"ssh-ed25519 " + blob}}, 404, `{"message":"404 Key Not Found"}`},
		{"an empty key", url.Values{"key": {""}}, 404, `{"message":"404 Key Not Found"}`},
		{"no key", nil, 400, `{"error":"key is missing"}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := api.Get(t, "/api/v4/internal/authorized_keys", row.query)
			if got.Status != row.status || !strings.Contains(got.Body, row.like) {
				t.Errorf("%d %s, want %d with %s", got.Status, got.Body, row.status, row.like)
			}
		})
	}
}

func TestDiscoverFindsUser(t *testing.T) {
	api := serve(t)
	const dan, mia = `{"id":13,"name":"Dan","username":"dan"}`, `{"id":12,"name":"Mia","username":"mia"}`
	rows := []struct {
		name, query string
		status      int
		body        string
	}{
		{"by key", "key_id=102", 200, dan},
		{"by user", "user_id=13", 200, dan},
		{"by username in other case", "username=DAN", 200, dan},
		{"by identifier of a user", "identifier=user-13", 200, dan},
		{"by identifier of a key", "identifier=key-102", 200, dan},
		{"a deploy key is its creator's", "key_id=201", 200, mia},
		{"a blocked user", "username=bill", 200, `{"id":17,"name":"Bill","username":"bill"}`},
		{"an unknown key precedes a known user", "key_id=999&user_id=13", 200, "null"},
		{"a key without an owner", "key_id=110", 200, "null"},
		{"an identifier of another form", "identifier=username-dan", 200, "null"},
		{"a Kerberos principal", "krb5principal=dan%40EXAMPLE.COM", 200, "null"},
		{"a malformed key id", "key_id=abc", 200, "null"},
		{"a list as key id", "key_id[]=1", 400, `{"error":"key_id is invalid"}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			values, err := url.ParseQuery(row.query)
			if err != nil {
				t.Fatal(err)
			}
			got := api.Get(t, "/internal/discover", values)
			if got.Status != row.status || got.Body != row.body {
				t.Errorf("%d %s, want %d %s", got.Status, got.Body, row.status, row.body)
			}
		})
	}
}

func TestAuthorizedCertsFindsGroup(t *testing.T) {
	const ca = "Quvv42Q9O8JJoq8k9dfrJinTB8XiK3Ga59YaN1tQu2o"
	const trusted = `{"instance":{"edition":"ee"},
	 "namespaces":[{"id":40,"kind":"group","path":"beta"}, {"id":41,"kind":"group","path":"sub","parent_id":20}],
	 "ssh_certificates":[{"namespace_id":20,"fingerprint":"` + ca + `","title":"ca"}],
	 "users":[{"id":13,"enterprise_group_id":20},{"id":15,"enterprise_group_id":20},{"id":16,"enterprise_group_id":20}],
	 "members":[{"user_id":12,"namespace_id":20,"access_level":50},{"user_id":16,"namespace_id":41,"access_level":30,"awaiting":true}]}`
	const both = `{"ssh_certificates":[{"namespace_id":40,"fingerprint":"` + ca + `","title":"ca"}],
	 "users":[{"id":14,"enterprise_group_id":40}],"members":[{"user_id":14,"namespace_id":40,"access_level":30}]}`
	rows := []struct {
		name, document, user string
		more                 url.Values
		status               int
		like                 string
	}{
		{"by username", "", "dan", nil, 200, `{"success":true,"namespace":"acme","username":"dan"}`},
		{"by e-mail", "", "DAN@example.com", nil, 200, `"username":"dan"`},
		{"a member of a project in the group", "", "gus", nil, 200, `"username":"gus"`},
		{"an invited user", "", "nora", nil, 404, `{"message":"User Not Found"}`},
		{"an unknown user", "", "unknown", nil, 404, `{"message":"User Not Found"}`},
		{"a member who is no enterprise user", "", "mia", nil, 403, `{"message":"Not an Enterprise User of the group"}`},
		{"the accepting one of two trusting groups", both, "rita", nil, 200, `"namespace":"beta"`},
		{"the requested group only", both, "rita", url.Values{"namespace_id": {"20"}}, 403, "Not an Enterprise User"},
		{"a group without the authority", both, "rita", url.Values{"namespace_id": {"41"}}, 404, "Certificate Not Found"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			documents := []string{trusted}
			if row.document != "" {
				documents = append(documents, row.document)
			}
			api := serve(t, documents...)
			query := url.Values{"key": {ca}, "user_identifier": {row.user}}
			for name, values := range row.more {
				query[name] = values
			}
			got := api.Get(t, "/internal/authorized_certs", query)
			if got.Status != row.status || !strings.Contains(got.Body, row.like) {
				t.Errorf("%d %s, want %d with %s", got.Status, got.Body, row.status, row.like)
			}
		})
	}
}

func TestAuthorizedCertsRequiresParameters(t *testing.T) {
	api := serve(t)
	for query, want := range map[string]string{
		"user_identifier=dan": `{"error":"key is missing"}`, "key=abc": `{"error":"user_identifier is missing"}`,
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := api.Get(t, "/internal/authorized_certs", values); got.Status != 400 || got.Body != want {
			t.Errorf("%s: %d %s, want 400 %s", query, got.Status, got.Body, want)
		}
	}
}

// A repeated lookup takes one call of the table.
func TestWarmLookupTakesOneCall(t *testing.T) {
	api := serve(t)
	rows := []struct {
		name, path string
		query      url.Values
	}{
		{"authorized_keys", "/internal/authorized_keys", url.Values{"key": {blob}}},
		{"discover by key", "/internal/discover", url.Values{"key_id": {"102"}}},
		{"discover by username", "/internal/discover", url.Values{"username": {"dan"}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for i, want := range []string{`"dynamodb_calls":2,`, `"dynamodb_calls":1,`} {
				api.Log.Reset()
				api.Get(t, row.path, row.query)
				if line := api.Log.String(); !strings.Contains(line, want) {
					t.Errorf("request %d: log line %s lacks %s", i+1, line, want)
				}
			}
		})
	}
}
