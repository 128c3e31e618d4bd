package provisioning_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// What is malformed gets an error in the protocol's shape, whatever it is.
func TestMalformedRequests(t *testing.T) {
	api := serve(t)
	const patchHead, patchTail = `{"Operations":[`, `]}`
	long := strings.Repeat("x", 3000)
	rows := []struct {
		name string
		call
		status int
		like   string
	}{
		{"a body that ends too early", call{"POST", "/Users", `{"userName":`, nil}, 400, "invalidSyntax"},
		{"two bodies", call{"POST", "/Users", `{} {}`, nil}, 400, "invalidSyntax"},
		{"a body of null", call{"POST", "/Users", `null`, nil}, 400, ""},
		{"a body that is a text", call{"POST", "/Users", `"x"`, nil}, 400, "invalidSyntax"},
		{"a body that is a number", call{"PATCH", "/Users/u-dan", `7`, nil}, 400, "invalidSyntax"},
		{"an empty body to create", call{"POST", "/Users", "", nil}, 400, "externalId, userName, emails, name"},
		{"an empty patch", call{"PATCH", "/Users/u-dan", "", nil}, 400, "invalidSyntax"},
		{"an empty bulk request", call{"POST", "/Bulk", "", nil}, 400, "invalidSyntax"},
		{"JSON as another type", call{"POST", "/Users", `{}`, []string{"Content-Type", "application/xml"}}, 415, ""},
		{"a wrong type of a patch", call{"PATCH", "/Users/u-dan", `x`, []string{"Content-Type", "text/html"}}, 415, ""},
		{"JSON with a charset", call{"PATCH", "/Users/none", `{"Operations":[{"op":"add","path":"active","value":true}]}`, []string{"Content-Type", "application/json; charset=utf-8"}}, 404, "none"},
		{"a larger body than there may be", call{"POST", "/Users", `{"x":"` + strings.Repeat("x", 7<<20) + `"}`, nil}, 413, ""},
		{"no UTF-8", call{"POST", "/Users", "{\"externalId\":\"\xff\xfe\"}", nil}, 400, ""},
		{"NUL in an external UID", call{"POST", "/Users", `{"externalId":"a\u0000","userName":"a","emails":"a@b.example","displayName":"A"}`, nil}, 400, "invalidValue"},
		{"an external UID that is too long", call{"POST", "/Users", `{"externalId":"` + long + `","userName":"a","emails":"a@b.example","displayName":"A"}`, nil}, 400, "too long"},
		{"a username that is too long", call{"POST", "/Users", `{"externalId":"a","userName":"` + long + `","emails":"a@b.example","displayName":"A"}`, nil}, 400, "too long"},
		{"a name that is too long", call{"POST", "/Users", `{"externalId":"a","userName":"a","emails":"a@b.example","displayName":"` + long + `"}`, nil}, 400, "too long"},
		{"an address that is too long", call{"POST", "/Users", `{"externalId":"a","userName":"a","emails":"` + long + `@b.example","displayName":"A"}`, nil}, 400, "invalidValue"},
		{"a path with an id that is too long", call{"GET", "/Users/" + long, "", nil}, 404, "not found"},
		{"a change of an id that is too long", call{"PATCH", "/Users/" + long, patchHead + `{"op":"add","path":"active","value":true}` + patchTail, nil}, 404, "not found"},
		{"a deletion of an id that is too long", call{"DELETE", "/Users/" + long, "", nil}, 404, "not found"},
		{"a group with an id that is too long", call{"GET", "/Groups/" + long, "", nil}, 404, "not found"},
		{"an id that is no UTF-8", call{"GET", "/Users/%ff%fe", "", nil}, 404, "not found"},
		{"an id with NUL", call{"GET", "/Users/a%00b", "", nil}, 404, "not found"},
		{"an id of spaces", call{"GET", "/Users/%20%20", "", nil}, 404, "not found"},
		{"a lookup of an id that is too long", call{"GET", "/Users?filter=id+eq+%22" + long + "%22", "", nil}, 200, `"totalResults":0`},
		{"a lookup of a username that is too long", call{"GET", "/Users?filter=userName+eq+%22" + long + "%22", "", nil}, 200, `"totalResults":0`},
		{"a lookup of an address that is too long", call{"GET", "/Users?filter=emails+eq+%22" + long + "%22", "", nil}, 200, `"totalResults":0`},
		{"a lookup of a group that is too long", call{"GET", "/Groups?filter=displayName+eq+%22" + long + "%22", "", nil}, 200, `"totalResults":0`},
		{"a lookup of an external id that is too long", call{"GET", "/Groups?filter=externalId+eq+%22" + long + "%22", "", nil}, 200, `"totalResults":0`},
		{"a lookup of a member that is too long", call{"GET", "/Groups?filter=members+eq+%22" + long + "%22", "", nil}, 200, `"totalResults":0`},
		{"a member that is too long", call{"POST", "/Groups", `{"displayName":"Long","members":[{"value":"` + long + `"}]}`, nil}, 400, "invalidValue"},
		{"a member that nobody is", call{"POST", "/Groups", `{"displayName":"Nobody","members":[{"value":"u-nobody"}]}`, nil}, 400, "Unknown members: u-nobody"},
		{"a page far behind the last", call{"GET", "/Users?startIndex=99999999999999999999&count=5", "", nil}, 200, `"Resources":[]`},
		{"a page of groups far behind the last", call{"GET", "/Groups?startIndex=9223372036854775807", "", nil}, 200, `"Resources":[]`},
		{"a page over all far behind the last", call{"POST", "/.search", `{"startIndex":9223372036854775807,"count":100}`, nil}, 200, `"Resources":[]`},
		{"a filter that is given twice", call{"GET", "/Users?filter=blah&filter=id+pr", "", nil}, 200, `"totalResults":3`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := row.send(t, api)
			if got.Status != row.status || !strings.Contains(got.Body, row.like) {
				t.Errorf("%d %.300s, want %d with %q", got.Status, got.Body, row.status, row.like)
			}
			if got.Status >= 400 {
				checkError(t, got.Status, got.Body, got.Header.Get("Content-Type"))
			}
		})
	}
}

// checkError holds an answer against the error message of RFC 7644 section 3.12.
func checkError(t *testing.T, status int, body, kind string) {
	t.Helper()
	var told struct {
		Schemas []string
		Status  string
		Detail  string
	}
	if err := json.Unmarshal([]byte(body), &told); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if len(told.Schemas) != 1 || told.Schemas[0] != "urn:ietf:params:scim:api:messages:2.0:Error" || told.Status != strconv.Itoa(status) ||
		told.Detail == "" || kind != "application/scim+json" {
		t.Errorf("%s as %s is no error message of status %d", body, kind, status)
	}
}

// What there is not is 404 or 405, with an error message; nothing of it needs a body.
func TestUnknownEndpoints(t *testing.T) {
	api := serve(t)
	rows := []struct {
		request string
		status  int
	}{
		{"GET /", 404},
		{"GET ", 404},
		{"GET /users", 404}, // paths have regard to case
		{"GET /Users/u-dan/emails", 404},
		{"GET /Users//u-dan", 404},
		{"GET /Things/1", 404},
		{"GET /Schema", 404},
		{"GET /Groups/1/members", 404},
		{"GET /Bulk", 405},
		{"GET /.search", 405},
		{"PUT /Users", 405},
		{"PATCH /Groups", 405},
		{"DELETE /Users", 405},
		{"POST /Users/u-dan", 405},
		{"POST /Schemas", 405},
		{"DELETE /ServiceProviderConfig", 405},
		{"GET /Me", 501},
		{"POST /Me", 501},
		{"PUT /Me", 501},
		{"PATCH /Me", 501},
		{"DELETE /Me", 501},
		{"GET /Me/", 501},
	}
	for _, row := range rows {
		t.Run(row.request, func(t *testing.T) {
			method, path, _ := strings.Cut(row.request, " ")
			got := (&call{method, path, "", nil}).send(t, api)
			if got.Status != row.status {
				t.Errorf("%d %s, want %d", got.Status, got.Body, row.status)
			}
			checkError(t, got.Status, got.Body, got.Header.Get("Content-Type"))
		})
	}
}

// External UIDs are any text: what is made under one is found, changed and removed under it, and its location leads there.
func TestExternalUIDsOfAnyCharacters(t *testing.T) {
	api := serve(t)
	for i, row := range []struct{ uid, escaped string }{
		{"a/b", "a%2Fb"},
		{"/", "%2F"},
		{"a b", "a%20b"},
		{" a ", "%20a%20"},
		{"100%", "100%25"},
		{"%2F", "%252F"},
		{"a+b", "a+b"},
		{"a?b=c&d#e", "a%3Fb=c&d%23e"},
		{"é中😀", "%C3%A9%E4%B8%AD%F0%9F%98%80"},
		{`a"b\c`, "a%22b%5Cc"},
		{"CN=Ana,OU=x", "CN=Ana%2COU=x"},
		{strings.Repeat("u", 512), strings.Repeat("u", 512)},
	} {
		t.Run(row.uid, func(t *testing.T) {
			quoted, err := json.Marshal(row.uid)
			if err != nil {
				t.Fatal(err)
			}
			name := "any" + strconv.Itoa(i)
			body := `{"externalId":` + string(quoted) + `,"userName":"` + name + `","emails":"` + name + `@elsewhere.com","displayName":"Any"}`
			steps := []struct {
				call
				status int
				like   string
			}{
				{call{"POST", "/Users", body, nil}, 201, `"userName":"` + name + `"`},
				{call{"GET", "/Users/" + row.escaped, "", nil}, 200, `"userName":"` + name + `"`},
				{call{"PATCH", "/Users/" + row.escaped, `{"Operations":[{"op":"replace","path":"active","value":false}]}`, nil}, 204, ""},
				{call{"GET", "/Users/" + row.escaped + "/", "", nil}, 200, `"active":false`},
				{call{"POST", "/Users/.search", `{"filter":` + filterFor(t, row.uid) + `}`, nil}, 200, `"totalResults":1`},
				{call{"DELETE", "/Users/" + row.escaped, "", nil}, 204, ""},
				{call{"GET", "/Users/" + row.escaped, "", nil}, 404, "not found"},
			}
			for _, s := range steps {
				got := s.send(t, api)
				if got.Status != s.status || !strings.Contains(got.Body, s.like) {
					t.Errorf("%s %s: %d %s, want %d with %q", s.method, s.path, got.Status, got.Body, s.status, s.like)
				}
				if location := got.Header.Get("Location"); s.method == http.MethodPost && s.status == 201 && !strings.HasSuffix(location, "/acme/Users/"+row.escaped) {
					t.Errorf("location %s, want …/%s", location, row.escaped)
				}
			}
		})
	}
}

// filterFor asks for a resource by its id, as a JSON text.
func filterFor(t *testing.T, uid string) string {
	t.Helper()
	inner, err := json.Marshal(uid)
	if err != nil {
		t.Fatal(err)
	}
	outer, err := json.Marshal("id eq " + string(inner))
	if err != nil {
		t.Fatal(err)
	}
	return string(outer)
}

// The id of the path counts, wherever else one is said.
func TestThePathNamesTheResource(t *testing.T) {
	api := serve(t)
	for _, c := range []call{
		{"GET", "/Users/u-dan?id=u-rita", "", nil},
		{"PUT", "/Users/u-dan?id=u-rita", `{"id":"u-rita","userName":"rita","active":true}`, nil},
		{"GET", "/Users/u-dan?group_path=beta&id=u-rita", "", nil},
	} {
		if got := c.send(t, api); got.Status != http.StatusOK || !strings.Contains(got.Body, `"id":"u-dan"`) {
			t.Errorf("%s %s: %d %s, want u-dan", c.method, c.path, got.Status, got.Body)
		}
	}
}

// Neither tokens nor passwords are ever answered or logged, wherever they were sent and whatever came of it.
func TestSecretsStayWithWhoSentThem(t *testing.T) {
	api := serve(t)
	const password, token = "pa55word-of-ana", "scim-token-of-nobody"
	withPassword := func(rest string) string {
		return `{"externalId":"ana","userName":"ana","emails":"ana@elsewhere.com","displayName":"A","password":"` + password + `"` + rest + `}`
	}
	rows := []struct {
		name string
		call
		status int
	}{
		{"a token that nobody has", call{"GET", "/Users", "", []string{"Authorization", "Bearer " + token}}, 401},
		{"another scheme", call{"GET", "/Users", "", []string{"Authorization", "Basic " + token}}, 401},
		{"no scheme", call{"GET", "/Users", "", []string{"Authorization", token}}, 401},
		{"a token in the query", call{"GET", "/Users?access_token=" + token, "", []string{"Authorization", ""}}, 401},
		{"a token that is too long", call{"GET", "/Users", "", []string{"Authorization", "Bearer " + strings.Repeat(token, 100)}}, 401},
		{"a password of a new user", call{"POST", "/Users", withPassword(""), nil}, 201},
		{"a password with a mistake beside it", call{"POST", "/Users", withPassword(`,"active":"perhaps"`), nil}, 400},
		{"a password in malformed JSON", call{"POST", "/Users", withPassword(",") + "}", nil}, 400},
		{"a password as another type", call{"POST", "/Users", withPassword(""), []string{"Content-Type", "text/plain"}}, 415},
		{"a password that is replaced", call{"PUT", "/Users/ana", withPassword(`,"active":true`), nil}, 200},
		{"a password that is patched", call{"PATCH", "/Users/ana", `{"Operations":[{"op":"replace","path":"password","value":"` + password + `"}]}`, nil}, 204},
		{"a password without a path", call{"PATCH", "/Users/ana", `{"Operations":[{"op":"add","value":{"password":"` + password + `"}}]}`, nil}, 204},
		{"a password that is asked for", call{"GET", "/Users/ana?attributes=password", "", nil}, 200},
		{"a bulk request with a password", call{"POST", "/Bulk", `{"Operations":[{"method":"POST","path":"/Users","bulkId":"b","data":` + withPassword("") + `}]}`, nil}, 200},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := row.send(t, api)
			if got.Status != row.status {
				t.Errorf("%d %s, want %d", got.Status, got.Body, row.status)
			}
			for _, secret := range []string{password, token, "scim-acme", `"password"`} {
				if strings.Contains(got.Body, secret) || strings.Contains(api.Log.String(), secret) {
					t.Errorf("%s is in the answer %s or in the log %s", secret, got.Body, api.Log.String())
				}
			}
		})
	}
}
