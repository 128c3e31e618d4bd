package provisioning_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestAnswers(t *testing.T) {
	api := serve(t)
	const escaped = "/Users/u%2Fgus%20%3F"
	rows := []struct {
		name string
		call
		status      int
		like, lacks string
	}{
		{"the flat name for everybody", call{"GET", "/Users/u-dan", "", nil}, 200, `"name.formatted":"Dan"`, ""},
		{"the flat name for those who take anything", call{"GET", "/Users/u-dan", "", []string{"Accept", "*/*"}}, 200, `"name.formatted":"Dan"`, ""},
		{"not for those who name SCIM", call{"GET", "/Users/u-dan", "", []string{"Accept", "application/scim+json, */*"}}, 200, `"formatted":"Dan"`, "name.formatted"},
		{"an id of any characters", call{"GET", escaped, "", nil}, 200, `/Users/u%2Fgus%20%3F"`, ""},
		{"a slash at the end", call{"GET", "/Users/u-dan/", "", nil}, 200, `"id":"u-dan"`, ""},
		{"some attributes", call{"GET", "/Users/u-dan?attributes=userName", "", nil}, 200, `"userName":"dan"`, "emails"},
		{"all but some attributes", call{"GET", "/Users/u-dan?excludedAttributes=emails", "", nil}, 200, `"userName":"dan"`, "emails"},
		{"both", call{"GET", "/Users/u-dan?attributes=userName&excludedAttributes=emails", "", nil}, 400, "invalidValue", ""},
		{"an unknown tag", call{"GET", "/Users/u-dan", "", []string{"If-None-Match", `W/"x"`}}, 200, "", ""},
		{"any tag", call{"GET", "/Users/u-dan", "", []string{"If-None-Match", "*"}}, 304, "", ""},
		{"a body that is no JSON", call{"POST", "/Users", "{", nil}, 400, "invalidSyntax", ""},
		{"a body that is no object", call{"POST", "/Users", "[]", nil}, 400, "invalidSyntax", ""},
		{"a body that is something else", call{"POST", "/Users", "x", []string{"Content-Type", "text/plain"}}, 415, `"status":"415"`, ""},
		{"an address that is none", call{"POST", "/Users", `{"externalId":"x","userName":"x","emails":"x","name":{"formatted":"X"}}`, nil}, 400, "invalidValue", ""},
		{"a verb that there is not", call{"PUT", "/Users", "{}", nil}, 405, `"status":"405"`, ""},
		{"a path that there is not", call{"GET", "/Things", "", nil}, 404, `"detail":"Not Found"`, ""},
		{"a patch of nobody", call{"PATCH", "/Users/none", `{"Operations":[{"op":"add","path":"active","value":true}]}`, nil}, 404, "Resource none not found", ""},
		{"a replacement of nobody", call{"PUT", "/Users/none", `{"active":true}`, nil}, 404, "Resource none not found", ""},
		{"a replacement that makes no sense", call{"PUT", "/Users/u-dan", `{"active":"x"}`, nil}, 400, "invalidValue", ""},
		{"a group with a part of its members", call{"GET", "/Groups/1?filter=x", "", nil}, 404, "Resource 1 not found", ""},
		{"an unknown group", call{"PATCH", "/Groups/x", `{"Operations":[{"op":"add","path":"members","value":[]}]}`, nil}, 404, "Resource x not found", ""},
		{"a group of nothing", call{"POST", "/Groups", `{}`, nil}, 400, "invalidValue", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := row.send(t, api)
			if got.Status != row.status || !strings.Contains(got.Body, row.like) || row.lacks != "" && strings.Contains(got.Body, row.lacks) {
				t.Errorf("%d %s, want %d with %q, without %q", got.Status, got.Body, row.status, row.like, row.lacks)
			}
		})
	}
}

func TestSearches(t *testing.T) {
	api := serve(t)
	rows := []struct {
		name string
		call
		want string
	}{
		{"as created", call{"GET", "/Users", "", nil}, "u-dan u-rita u/gus ?"},
		{"by name", call{"GET", "/Users?sortBy=userName", "", nil}, "u-dan u/gus ? u-rita"},
		{"the other way round, a page of it", call{"GET", "/Users?sortBy=userName&sortOrder=descending&startIndex=2&count=1", "", nil}, "u/gus ?"},
		{"a filter and a page", call{"GET", `/Users?filter=userName+co+%22a%22&startIndex=2`, "", nil}, "u-rita"},
		{"an index and a rest that fits", call{"GET", `/Users?filter=emails.value+eq+%22DAN@example.com%22+and+active+eq+true`, "", nil}, "u-dan"},
		{"an index and a rest that does not", call{"GET", `/Users?filter=userName+eq+%22dan%22+and+active+eq+false`, "", nil}, ""},
		{"in a body", call{"POST", "/Users/.search", `{"filter":"id sw \"u-\"","sortBy":"userName","sortOrder":"descending"}`, nil}, "u-rita u-dan"},
		{"over all", call{"POST", "/.search", `{"count":2,"startIndex":2}`, nil}, "u-rita u/gus ?"},
		{"over all by what users have only", call{"POST", "/.search", `{"filter":"userName eq \"rita\""}`, nil}, "u-rita"},
		{"over all by what groups have only", call{"POST", "/.search", `{"filter":"members pr"}`, nil}, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := row.send(t, api)
			if got.Status != http.StatusOK || ids(t, got) != row.want {
				t.Errorf("%d %q, want %q", got.Status, ids(t, got), row.want)
			}
		})
	}
}

// A search over all goes on with the groups behind the last user.
func TestSearchOverAllGoesOnWithGroups(t *testing.T) {
	api := serve(t)
	for _, name := range []string{"Dev", "Ops"} {
		made := (&call{"POST", "/Groups", `{"displayName":"` + name + `","members":[{"value":"u-dan"}]}`, nil}).send(t, api)
		if made.Status != http.StatusCreated || !strings.Contains(made.Header.Get("Location"), "/groups/acme/Groups/") {
			t.Fatalf("%d %s", made.Status, made.Body)
		}
	}
	for body, want := range map[string]string{
		`{"attributes":["displayName"],"startIndex":3,"count":2}`:                        `"displayName":"Gus"|"displayName":"Dev"|"totalResults":5`,
		`{"attributes":["displayName"],"startIndex":5}`:                                  `"displayName":"Ops"|"totalResults":5`,
		`{"attributes":["displayName"],"sortBy":"displayName","startIndex":2,"count":1}`: `"displayName":"Dev"|"totalResults":5`,
		`{"filter":"members eq \"u-dan\"","excludedAttributes":"members"}`:               `"totalResults":2`,
		`{"filter":"meta.resourceType eq \"Group\" and displayName eq \"ops\""}`:         `"totalResults":1`,
	} {
		got := (&call{"POST", "/.search", body, nil}).send(t, api)
		for part := range strings.SplitSeq(want, "|") {
			if got.Status != http.StatusOK || !strings.Contains(got.Body, part) {
				t.Errorf("%s: %d %s, want %s", body, got.Status, got.Body, part)
			}
		}
	}
}

// A version tells whether somebody else has changed the resource.
func TestVersions(t *testing.T) {
	api := serve(t)
	const off, on = `{"Operations":[{"op":"replace","path":"active","value":false}]}`, `{"Operations":[{"op":"replace","path":"active","value":true}]}`
	first := (&call{"GET", "/Users/u-dan", "", nil}).send(t, api).Header.Get("Etag")
	changed := (&call{"PATCH", "/Users/u-dan", off, []string{"If-Match", first}}).send(t, api)
	second := changed.Header.Get("Etag")
	if changed.Status != http.StatusNoContent || second == "" || second == first {
		t.Fatalf("%d, version %q after %q", changed.Status, second, first)
	}
	read := (&call{"GET", "/Users/u-dan", "", nil}).send(t, api)
	if read.Header.Get("Etag") != second || !strings.Contains(read.Body, `"version":`) {
		t.Errorf("version %q in %s, want %q", read.Header.Get("Etag"), read.Body, second)
	}
	for _, c := range []call{
		{"PATCH", "/Users/u-dan", on, []string{"If-Match", first}},
		{"PUT", "/Users/u-dan", `{"active":true}`, []string{"If-Match", first}},
		{"DELETE", "/Users/u-dan", "", []string{"If-Match", first}},
	} {
		if got := c.send(t, api); got.Status != http.StatusPreconditionFailed {
			t.Errorf("%s: %d %s, want 412", c.method, got.Status, got.Body)
		}
	}
	if got := (&call{"GET", "/Users/u-dan", "", []string{"If-None-Match", second}}).send(t, api); got.Status != http.StatusNotModified || got.Body != "" {
		t.Errorf("%d %s, want 304", got.Status, got.Body)
	}
	if got := (&call{"PATCH", "/Users/u-dan", on, []string{"If-Match", second}}).send(t, api); got.Status != http.StatusNoContent {
		t.Errorf("%d %s, want 204", got.Status, got.Body)
	}
}

// Operations in the query or a form, as the tests of upstream send them.
func TestOperationsOfForms(t *testing.T) {
	api := serve(t)
	const operations = "Operations[][op]=Replace&Operations[][path]=active&Operations[][value]="
	for _, c := range []struct {
		call
		active string
	}{
		{call{"PATCH", "/Users/u-dan?" + operations + "False", "", nil}, `"active":false`},
		{call{"PATCH", "/Users/u-dan", operations + "true", []string{"Content-Type", "application/x-www-form-urlencoded"}}, `"active":true`},
	} {
		if got := c.send(t, api); got.Status != http.StatusNoContent {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
		if got := (&call{"GET", "/Users/u-dan", "", nil}).send(t, api); !strings.Contains(got.Body, c.active) {
			t.Errorf("%s, want %s", got.Body, c.active)
		}
	}
}

func TestBulk(t *testing.T) {
	api := serve(t)
	const operations = `{"failOnErrors":2,"Operations":[
	 {"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"New","members":[{"value":"bulkId:u"},{"value":"u-dan"}]}},
	 {"method":"POST","path":"/Users","bulkId":"u","data":{"externalId":"new","userName":"new","emails":[{"value":"new@elsewhere.com"}],"name":{"formatted":"N"}}},
	 {"method":"PATCH","path":"/Groups/bulkId:g","data":{"Operations":[{"op":"remove","path":"members[value eq \"u-dan\"]"}]}},
	 {"method":"PUT","path":"/Users/u-rita","version":"W/\"old\"","data":{"active":false}},
	 {"method":"DELETE","path":"/Users/u-none"},
	 {"method":"DELETE","path":"/Users/u-dan"}]}`
	got := (&call{"POST", "/Bulk", operations, nil}).send(t, api)
	if got.Status != http.StatusOK || strings.Count(got.Body, `"status":"201"`) != 2 || strings.Count(got.Body, `"status":"204"`) != 1 ||
		!strings.Contains(got.Body, `"status":"412"`) || !strings.Contains(got.Body, `"detail":"Resource u-none not found"`) {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if got := (&call{"GET", "/Users/u-dan", "", nil}).send(t, api); got.Status != http.StatusOK {
		t.Errorf("what comes behind the last error was done: %d", got.Status)
	}
	found := (&call{"GET", "/Groups?filter=displayName+eq+%22new%22", "", nil}).send(t, api)
	if !strings.Contains(found.Body, `"value":"new"`) || strings.Contains(found.Body, `"value":"u-dan"`) {
		t.Errorf("members: %s", found.Body)
	}
	large := (&call{"POST", "/Bulk", `{"Operations":[],"x":"` + strings.Repeat("x", 1<<20) + `"}`, nil}).send(t, api)
	if large.Status != http.StatusRequestEntityTooLarge || !strings.Contains(large.Body, "1048576") {
		t.Errorf("%d %s, want 413", large.Status, large.Body)
	}
}

// Secrets in a request are in no answer and in no log.
func TestNothingSecretIsRepeated(t *testing.T) {
	api := serve(t)
	body := `{"externalId":"s","userName":"s","emails":[{"value":"s@elsewhere.com"}],"name":{"formatted":"S"},"password":"pa55word"}`
	got := (&call{"POST", "/Users", body, nil}).send(t, api)
	if got.Status != http.StatusCreated || strings.Contains(got.Body, "pa55word") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if log := api.Log.String(); strings.Contains(log, "pa55word") || strings.Contains(log, "scim-acme") {
		t.Errorf("log: %s", log)
	}
}
