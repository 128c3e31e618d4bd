package scim_test

import (
	"fmt"
	"strings"
	"testing"

	"postern/shared/scim"
)

// runBulk runs operations and returns the outcomes as "bulkId status", in the order of the response.
func runBulk(t *testing.T, s *server, operations, more string) string {
	t.Helper()
	b, err := scim.ReadBulk(object(t, `{"Operations":[`+operations+`]`+more+`}`))
	if err != nil {
		t.Fatal(err)
	}
	response := object(t, encoded(t, b.Run(s.do)))
	if urns := encoded(t, response["schemas"]); urns != `["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]` {
		t.Errorf("schemas %s", urns)
	}
	var ended []string
	for _, one := range response["Operations"].([]any) {
		result := one.(map[string]any)
		ended = append(ended, strings.TrimSpace(fmt.Sprintf("%v %v", result["bulkId"], result["status"])))
	}
	return strings.Join(ended, ", ")
}

// createGroup is an operation that creates a group, whose members refer to other operations.
func createGroup(bulkID string, members ...string) string {
	refs := make([]string, len(members))
	for i, m := range members {
		refs[i] = `{"value":"bulkId:` + m + `"}`
	}
	return `{"method":"POST","path":"/Groups","bulkId":"` + bulkID + `","data":{"members":[` + strings.Join(refs, ",") + `]}}`
}

// Operations wait for their references, lost references fail, and no operation runs twice (RFC 7644 section 3.7).
func TestBulkOrdersByReferences(t *testing.T) {
	rows := []struct {
		name       string
		operations []string
		more, fail string
		ran        string
		want       string
	}{
		{"references in order", []string{createGroup("a"), createGroup("b", "a"), createGroup("c", "b")}, "", "", "a b c", "a 201, b 201, c 201"},
		{"references in reverse order", []string{createGroup("c", "b"), createGroup("b", "a"), createGroup("a")}, "", "", "a b c", "c 201, b 201, a 201"},
		{"two references", []string{createGroup("c", "a", "b"), createGroup("b"), createGroup("a")}, "", "", "b a c", "c 201, b 201, a 201"},
		{"a self-reference", []string{createGroup("a", "a"), createGroup("b")}, "", "", "b", "a 409, b 201"},
		{"a cycle of two", []string{createGroup("a", "b"), createGroup("b", "a"), createGroup("c")}, "", "", "c", "a 409, b 409, c 201"},
		{"a reference to a cycle", []string{createGroup("a", "a"), createGroup("b", "a")}, "", "", "", "a 409, b 409"},
		{"a cycle with a lost reference", []string{createGroup("a", "b", "x"), createGroup("b", "a")}, "", "", "", "a 400, b 400"},
		{"a reference to an operation with a lost reference", []string{createGroup("b", "a"), createGroup("a", "x"), createGroup("c", "b")}, "", "", "", "b 400, a 400, c 400"},
		{"the error limit before a cycle", []string{createGroup("x", "y"), createGroup("a", "a")}, `,"failOnErrors":1`, "", "", "x 400"},
		{"a lost reference", []string{createGroup("a", "x"), createGroup("b")}, "", "", "b", "a 400, b 201"},
		{"a reference to a failed operation", []string{createGroup("a"), createGroup("b", "a"), createGroup("c")}, "", "a", "a c", "a 409, b 400, c 201"},
		{"the error limit before a waiting operation", []string{createGroup("b", "a"), createGroup("a"), createGroup("c")}, `,"failOnErrors":1`, "a", "a", "a 409"},
		{"one error below the limit", []string{createGroup("a"), createGroup("b")}, `,"failOnErrors":2`, "a", "a b", "a 409, b 201"},
		{"a negative limit is no limit", []string{createGroup("a"), createGroup("b")}, `,"failOnErrors":-1`, "a", "a b", "a 409, b 201"},
		{"an invalid limit is no limit", []string{createGroup("a"), createGroup("b")}, `,"failOnErrors":"x"`, "a", "a b", "a 409, b 201"},
		{"keys in other case", []string{createGroup("a"), createGroup("b")}, `,"FAILONERRORS":1`, "a", "a", "a 409"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := &server{fail: row.fail}
			if got := runBulk(t, s, strings.Join(row.operations, ","), row.more); got != row.want {
				t.Errorf("outcomes %s, want %s", got, row.want)
			}
			var ran []string
			for _, one := range s.operations {
				ran = append(ran, one[strings.LastIndexByte(one, ' ')+1:])
			}
			if got := strings.Join(ran, " "); got != row.ran {
				t.Errorf("ran %s, want %s", got, row.ran)
			}
		})
	}
}

// A malformed operation fails alone and never reaches the handler.
func TestBulkRejectsMalformedOperations(t *testing.T) {
	for _, operation := range []string{
		`{}`, `{"method":""}`, `{"method":7,"path":"/Users/1"}`, `{"method":"HEAD","path":"/Users/1"}`, `{"method":"PATCH"}`,
		`{"method":"DELETE","path":""}`, `{"method":"DELETE","path":"/"}`, `{"method":"DELETE","path":"/Users/"}`, `{"method":"DELETE","path":"/users/1"}`,
		`{"method":"DELETE","path":"/Users/%zz"}`, `{"method":"DELETE","path":"/Bulk"}`, `{"method":"DELETE","path":"/Me"}`, `{"method":"DELETE","path":7}`,
		`{"method":"DELETE","path":"https://elsewhere/Users/1"}`, `{"method":"POST","path":"/Bulk","bulkId":"a","data":{}}`,
		`{"method":"POST","path":"/Users","bulkId":"","data":{}}`, `{"method":"POST","path":"/Users","bulkId":"a"}`,
		`{"method":"POST","path":"/Users","bulkId":"a","data":[]}`, `{"method":"POST","path":"/Users","bulkId":"a","data":null}`,
		`{"method":"PATCH","path":"/Users/1","data":"x"}`, `{"method":"PUT","path":"/Users","data":{}}`,
	} {
		t.Run(operation, func(t *testing.T) {
			s := &server{}
			if got := runBulk(t, s, operation, ""); !strings.HasSuffix(got, " 400") || len(s.operations) > 0 {
				t.Errorf("outcome %s, ran %q", got, s.operations)
			}
		})
	}
}

func TestBulkTargetParsesPath(t *testing.T) {
	for path, want := range map[string]string{
		"/Users/u-1": "User u-1", "Users/u-1/": "User u-1", "/Groups/5": "Group 5", "/Users": "User ", "/Users/a%2Fb": "User a/b",
		"/Users/a/b": "User a/b", "/Users/%C3%A9": "User é", "/Users/%zz": "", "/Things/1": "", "": "",
	} {
		t.Run(path, func(t *testing.T) {
			schema, id := (&scim.BulkOperation{Path: path}).Target()
			got := ""
			if schema != nil {
				got = schema.Name() + " " + id
			}
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// Resources without a value come last, or first in descending order (RFC 7644 section 3.4.2.3).
func TestSortPlacesMissingValues(t *testing.T) {
	resources := func() []scim.Resource {
		return []scim.Resource{
			{"id": "none"},
			{"id": "b", "displayName": "b", "emails": []any{map[string]any{"value": "z@x"}, map[string]any{"value": "a@x", "primary": true}}},
			{"id": "null", "displayName": nil, "emails": []any{}},
			{"id": "A", "displayName": "A", "emails": []any{map[string]any{"value": "m@x"}}},
			{"id": "empty", "displayName": "", "emails": []any{map[string]any{"type": "work"}}},
		}
	}
	for values, want := range map[string]string{
		`{"sortBy":"displayName"}`:                              "A b none null empty",
		`{"sortBy":"displayName","sortOrder":"ascending"}`:      "A b none null empty",
		`{"sortBy":"displayName","sortOrder":"descending"}`:     "none null empty b A",
		`{"sortBy":"displayName","sortOrder":"sideways"}`:       "A b none null empty",
		`{"sortBy":"emails"}`:                                   "b A none null empty", // by the primary address
		`{"sortBy":"emails.value","sortOrder":"descending"}`:    "none null empty A b",
		`{"sortBy":"id"}`:                                       "A b empty none null", // case-sensitive
		`{"sortBy":"name.familyName","sortOrder":"descending"}`: "none b null A empty", // all without a value
	} {
		t.Run(values, func(t *testing.T) {
			s, err := scim.ReadSearch(object(t, values), scim.Users)
			if err != nil {
				t.Fatal(err)
			}
			all := resources()
			s.Sort(all, scim.Users)
			var ids []string
			for _, r := range all {
				ids = append(ids, r["id"].(string))
			}
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

// Lists of tags follow RFC 7232.
func TestPreconditionsParseTagLists(t *testing.T) {
	for tags, want := range map[string]bool{
		`"7"`: true, `W/"7"`: true, ` W/"7" `: true, `"6","7"`: true, `"6" , W/"7"`: true, `*`: true, `"6",*`: true,
		`"6"`: false, `7`: false, `W/7`: false, `"77"`: false, `"7`: false, `w/"7"`: false, `""`: false, `,`: false,
	} {
		t.Run(tags, func(t *testing.T) {
			if got := (scim.Preconditions{IfMatch: tags}).Changeable("7"); got != want {
				t.Errorf("If-Match: changeable %v, want %v", got, want)
			}
			if got := (scim.Preconditions{IfNoneMatch: tags}).Known("7"); got != want {
				t.Errorf("If-None-Match: known %v, want %v", got, want)
			}
		})
	}
}
