package scim_test

import (
	"fmt"
	"strings"
	"testing"

	"postern/shared/scim"
)

// ran runs operations and returns how each ended, as "bulkId status", in the order of the response.
func ran(t *testing.T, s *server, operations, more string) string {
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

// made is an operation that makes a group whose members are what other operations make.
func made(bulkID string, members ...string) string {
	refs := make([]string, len(members))
	for i, m := range members {
		refs[i] = `{"value":"bulkId:` + m + `"}`
	}
	return `{"method":"POST","path":"/Groups","bulkId":"` + bulkID + `","data":{"members":[` + strings.Join(refs, ",") + `]}}`
}

// What refers to others waits for them; what can never be made is refused, and no operation is done twice (RFC 7644 section 3.7).
func TestBulkOrders(t *testing.T) {
	rows := []struct {
		name       string
		operations []string
		more, fail string
		asked      string
		want       string
	}{
		{"one after the other", []string{made("a"), made("b", "a"), made("c", "b")}, "", "", "a b c", "a 201, b 201, c 201"},
		{"the other way round", []string{made("c", "b"), made("b", "a"), made("a")}, "", "", "a b c", "c 201, b 201, a 201"},
		{"two for one", []string{made("c", "a", "b"), made("b"), made("a")}, "", "", "b a c", "c 201, b 201, a 201"},
		{"a circle of one", []string{made("a", "a"), made("b")}, "", "", "b", "a 409, b 201"},
		{"a circle of two", []string{made("a", "b"), made("b", "a"), made("c")}, "", "", "c", "a 409, b 409, c 201"},
		{"what waits for a circle", []string{made("a", "a"), made("b", "a")}, "", "", "", "a 409, b 409"},
		{"a circle that also waits for nothing", []string{made("a", "b", "x"), made("b", "a")}, "", "", "", "a 400, b 400"},
		{"what waits for what waits for nothing", []string{made("b", "a"), made("a", "x"), made("c", "b")}, "", "", "", "b 400, a 400, c 400"},
		{"an error ends it before a circle", []string{made("x", "y"), made("a", "a")}, `,"failOnErrors":1`, "", "", "x 400"},
		{"a reference to nothing", []string{made("a", "x"), made("b")}, "", "", "b", "a 400, b 201"},
		{"a reference to what failed", []string{made("a"), made("b", "a"), made("c")}, "", "a", "a c", "a 409, b 400, c 201"},
		{"an error ends it before what waits", []string{made("b", "a"), made("a"), made("c")}, `,"failOnErrors":1`, "a", "a", "a 409"},
		{"an error less than is allowed", []string{made("a"), made("b")}, `,"failOnErrors":2`, "a", "a b", "a 409, b 201"},
		{"a negative number allows all", []string{made("a"), made("b")}, `,"failOnErrors":-1`, "a", "a b", "a 409, b 201"},
		{"no number allows all", []string{made("a"), made("b")}, `,"failOnErrors":"x"`, "a", "a b", "a 409, b 201"},
		{"names of the protocol in other letters", []string{made("a"), made("b")}, `,"FAILONERRORS":1`, "a", "a", "a 409"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := &server{fail: row.fail}
			if got := ran(t, s, strings.Join(row.operations, ","), row.more); got != row.want {
				t.Errorf("ended as %s, want %s", got, row.want)
			}
			var asked []string
			for _, one := range s.asked {
				asked = append(asked, one[strings.LastIndexByte(one, ' ')+1:])
			}
			if got := strings.Join(asked, " "); got != row.asked {
				t.Errorf("asked for %s, want %s", got, row.asked)
			}
		})
	}
}

// An operation that is none is refused by itself, and nobody is asked.
func TestBulkOperationsThatAreNone(t *testing.T) {
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
			if got := ran(t, s, operation, ""); !strings.HasSuffix(got, " 400") || len(s.asked) > 0 {
				t.Errorf("ended as %s, asked %q", got, s.asked)
			}
		})
	}
}

// What a path names, whatever is around it.
func TestBulkTargets(t *testing.T) {
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

// Those without a value are last, or first where the order descends (RFC 7644 section 3.4.2.3).
func TestSortingWithoutValues(t *testing.T) {
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
		`{"sortBy":"emails"}`:                                   "b A none null empty", // by the primary one
		`{"sortBy":"emails.value","sortOrder":"descending"}`:    "none null empty A b",
		`{"sortBy":"id"}`:                                       "A b empty none null", // with regard to case
		`{"sortBy":"name.familyName","sortOrder":"descending"}`: "none b null A empty", // nobody has one
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

// Lists of tags are read as RFC 7232 writes them.
func TestTags(t *testing.T) {
	for tags, want := range map[string]bool{
		`"7"`: true, `W/"7"`: true, ` W/"7" `: true, `"6","7"`: true, `"6" , W/"7"`: true, `*`: true, `"6",*`: true,
		`"6"`: false, `7`: false, `W/7`: false, `"77"`: false, `"7`: false, `w/"7"`: false, `""`: false, `,`: false,
	} {
		t.Run(tags, func(t *testing.T) {
			if got := (scim.Preconditions{IfMatch: tags}).Changeable("7"); got != want {
				t.Errorf("If-Match lets it be changed: %v, want %v", got, want)
			}
			if got := (scim.Preconditions{IfNoneMatch: tags}).Known("7"); got != want {
				t.Errorf("If-None-Match knows it: %v, want %v", got, want)
			}
		})
	}
}
