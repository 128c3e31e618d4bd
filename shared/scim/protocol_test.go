package scim_test

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"postern/shared/scim"
)

func TestPreconditionsCompareVersions(t *testing.T) {
	rows := []struct {
		name, match, none string
		changeable, known bool
	}{
		{"none", "", "", true, false},
		{"the version", `W/"7"`, "", true, false},
		{"the version as a strong tag", `"7"`, "", true, false},
		{"one of several versions", `W/"6", W/"7"`, "", true, false},
		{"any", "*", "", true, false},
		{"another version", `W/"6"`, "", false, false},
		{"a malformed tag", `7`, "", false, false},
		{"the known version", "", `W/"7"`, false, true},
		{"another known version", "", `W/"6"`, true, false},
		{"any known version", "", `*`, false, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := scim.Preconditions{IfMatch: row.match, IfNoneMatch: row.none}
			if p.Changeable("7") != row.changeable || p.Known("7") != row.known {
				t.Errorf("changeable %v, known %v", p.Changeable("7"), p.Known("7"))
			}
		})
	}
}

func TestErrorBodyHasStatusAsText(t *testing.T) {
	const want = `{"detail":"Resource 123 not found","schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}`
	if got := encoded(t, scim.NoResource("123").Body()); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	taken := scim.Taken("x")
	if got := taken.Body()["scimType"]; got != scim.Uniqueness || taken.Check() != "uniqueness" || scim.NoResource("a").Check() != "404" {
		t.Errorf("type %v, check %s", got, taken.Check())
	}
}

// The schemas define exactly the attributes of the resources.
func TestSchemasListResourceAttributes(t *testing.T) {
	common := []string{"id", "schemas", "meta"}
	for i, resource := range []scim.Resource{dan().Strict(), ops()} {
		definition := object(t, encoded(t, scim.Schemas("x")[i]))
		listed := map[string]any{}
		for _, a := range definition["attributes"].([]any) {
			attribute := a.(map[string]any)
			listed[attribute["name"].(string)] = true
		}
		for name := range resource {
			if !slices.Contains(common, name) && listed[name] == nil {
				t.Errorf("%s is not in schema %s", name, definition["id"])
			}
		}
		for name := range listed {
			if _, there := resource[name]; !there {
				t.Errorf("%s has no %s", definition["id"], name)
			}
		}
	}
}

func TestUserResourceSplitsName(t *testing.T) {
	for name, want := range map[string]string{
		"Dan": "Dan|", "Dan Brown": "Dan|Brown", " Ana  de Sá ": "Ana  de|Sá", "": "|",
	} {
		u := scim.User{Name: name}
		parts := u.Resource("x")["name"].(map[string]any)
		if got := parts["givenName"].(string) + "|" + parts["familyName"].(string); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestLocationEscapesID(t *testing.T) {
	if got := scim.Location("https://a/b", scim.Users, "a/b c%"); got != "https://a/b/Users/a%2Fb%20c%25" {
		t.Error(got)
	}
}

// server is a fake handler of bulk operations. It records them and assigns numbers as ids.
type server struct {
	operations []string
	fail       string // path or bulkId of the operation to fail
}

func (s *server) do(o scim.BulkOperation) scim.BulkResult {
	s.operations = append(s.operations, strings.TrimSpace(o.Method+" "+o.Path+" "+o.BulkID))
	if s.fail != "" && (o.Path == s.fail || o.BulkID == s.fail) {
		return scim.BulkResult{Status: http.StatusConflict, Body: scim.Taken("x").Body()}
	}
	id := strconv.Itoa(len(s.operations))
	return scim.BulkResult{Status: http.StatusCreated, ID: id, Location: o.Path + "/" + id}
}

func TestBulkRunsOperations(t *testing.T) {
	const (
		user   = `{"method":"POST","path":"/Users","bulkId":"u","data":{"userName":"a"}}`
		group  = `{"method":"post","path":"/Groups","bulkId":"g","data":{"members":[{"value":"bulkId:u"}]}}`
		change = `{"method":"PATCH","path":"/Groups/bulkId:g","data":{"Operations":[{"value":"bulkId:u"}]}}`
		remove = `{"method":"DELETE","path":"/Users/x%2Fy"}`
	)
	rows := []struct {
		name, operations, more string
		fail                   string
		ran                    []string
		statuses               string
	}{
		{"in order", user + "," + remove, "", "", []string{"POST /Users u", "DELETE /Users/x%2Fy"}, "201 201"},
		{"waiting for others", group + "," + change + "," + user, "", "", []string{"POST /Users u", "POST /Groups g", "PATCH /Groups/2"}, "201 201 201"},
		{"a lost reference", group + "," + remove, "", "", []string{"DELETE /Users/x%2Fy"}, "400 201"},
		{"a reference to a failed operation", user + "," + group, "", "u", []string{"POST /Users u"}, "409 400"},
		{"the first error stops the run", user + "," + remove + "," + remove, `,"failOnErrors":1`, "u", []string{"POST /Users u"}, "409"},
		{"the second error stops the run", user + "," + group + "," + remove, `,"failOnErrors":"2"`, "u", []string{"POST /Users u", "DELETE /Users/x%2Fy"}, "409 400 201"},
		{"without an error limit", user + "," + remove, `,"failOnErrors":0`, "u", []string{"POST /Users u", "DELETE /Users/x%2Fy"}, "409 201"},
		{"an unknown method", `{"method":"GET","path":"/Users/1"}`, "", "", nil, "400"},
		{"an unknown path", `{"method":"DELETE","path":"/Things/1"}`, "", "", nil, "400"},
		{"no id", `{"method":"DELETE","path":"/Users"}`, "", "", nil, "400"},
		{"an unexpected id", `{"method":"POST","path":"/Users/1","bulkId":"a","data":{}}`, "", "", nil, "400"},
		{"no bulkId", `{"method":"POST","path":"/Users","data":{}}`, "", "", nil, "400"},
		{"no data", `{"method":"PUT","path":"/Users/1"}`, "", "", nil, "400"},
		{"no operations", "", "", "", nil, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b, err := scim.ReadBulk(object(t, `{"Operations":[`+row.operations+`]`+row.more+`}`))
			if err != nil {
				t.Fatal(err)
			}
			s := &server{fail: row.fail}
			response := object(t, encoded(t, b.Run(s.do)))
			var statuses []string
			for _, o := range response["Operations"].([]any) {
				result := o.(map[string]any)
				statuses = append(statuses, result["status"].(string))
				if failed := result["status"].(string) >= "400"; failed != (result["response"] != nil) {
					t.Errorf("%v", result)
				}
			}
			if !slices.Equal(s.operations, row.ran) || strings.Join(statuses, " ") != row.statuses {
				t.Errorf("ran %q, statuses %s", s.operations, statuses)
			}
		})
	}
}

// References are resolved at any depth, and the parsed request stays unchanged.
func TestBulkResolvesReferencesInCopy(t *testing.T) {
	values := object(t, `{"Operations":[
	 {"method":"POST","path":"/Users","bulkId":"u","data":{"userName":"a"}},
	 {"method":"POST","path":"/Groups","bulkId":"g","data":{"members":[{"value":"bulkId:u"}],"displayName":"x"}}]}`)
	b, err := scim.ReadBulk(values)
	if err != nil {
		t.Fatal(err)
	}
	var seen map[string]any
	b.Run(func(o scim.BulkOperation) scim.BulkResult {
		seen = maps.Clone(o.Data)
		return scim.BulkResult{Status: http.StatusCreated, ID: "id of " + o.BulkID}
	})
	if got := encoded(t, seen); got != `{"displayName":"x","members":[{"value":"id of u"}]}` {
		t.Error(got)
	}
	if got := encoded(t, b.Operations[1].Data["members"]); got != `[{"value":"bulkId:u"}]` {
		t.Errorf("the parsed request changed to %s", got)
	}
}

func TestReadBulkRejectsInvalidRequest(t *testing.T) {
	one := `{"method":"DELETE","path":"/Users/1"}`
	for body, status := range map[string]int{
		`{}`:                   400,
		`{"Operations":{}}`:    400,
		`{"Operations":["x"]}`: 400,
		`{"Operations":[{"bulkId":"a"},{"bulkId":"a"}]}`:               400,
		`{"Operations":[` + strings.Repeat(one+",", 1000) + one + `]}`: 413,
	} {
		_, err := scim.ReadBulk(object(t, body))
		kind := scim.InvalidSyntax
		if strings.Contains(body, "bulkId") {
			kind = scim.InvalidValue
		}
		if status == 413 {
			kind = ""
		}
		refused(t, err, status, kind)
	}
}
