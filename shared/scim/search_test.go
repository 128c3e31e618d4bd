package scim_test

import (
	"math"
	"strings"
	"testing"

	"postern/shared/scim"
)

func TestReadSearchClampsPage(t *testing.T) {
	rows := []struct {
		name, values string
		start, count int
	}{
		{"defaults", `{}`, 1, 20},
		{"numbers as text", `{"startIndex":"3","count":"1"}`, 3, 1},
		{"keys in other case", `{"STARTINDEX":3,"Count":50}`, 3, 50},
		{"before the first", `{"startIndex":"-5","count":"-1"}`, 1, 0},
		{"zero", `{"startIndex":0,"count":0}`, 1, 0},
		{"invalid numbers", `{"startIndex":"x","count":"y"}`, 1, 20},
		{"above the maximum", `{"count":1000}`, 1, 100},
		{"overflow", `{"startIndex":"99999999999999999999","count":"-99999999999999999999"}`, math.MaxInt, 0},
		{"other types", `{"startIndex":[1],"count":true}`, 1, 20},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := scim.ReadSearch(object(t, row.values), scim.Users)
			if err != nil || got.Start != row.start || got.Count != row.count {
				t.Errorf("%d, %d, %v, want %d, %d", got.Start, got.Count, err, row.start, row.count)
			}
		})
	}
}

func TestReadSearchRejectsInvalidParameters(t *testing.T) {
	for values, kind := range map[string]scim.Type{
		`{"filter":"blah"}`:                           scim.InvalidFilter,
		`{"filter":7}`:                                scim.InvalidFilter,
		`{"filter":"nickName pr"}`:                    scim.InvalidFilter,
		`{"sortBy":"nickName"}`:                       scim.InvalidPath,
		`{"sortBy":"a b"}`:                            scim.InvalidPath,
		`{"attributes":"a","excludedAttributes":"b"}`: scim.InvalidValue,
		`{"attributes":"a b"}`:                        scim.InvalidPath,
		`{"attributes":[7]}`:                          scim.InvalidValue,
	} {
		_, err := scim.ReadSearch(object(t, values), scim.Users)
		refused(t, err, 400, kind)
	}
}

// A search over several schemas accepts a filter that fits one of them.
func TestReadSearchOverSeveralSchemas(t *testing.T) {
	for values, good := range map[string]bool{
		`{"filter":"displayName eq \"x\"","sortBy":"members.value"}`: true,
		`{"filter":"userName pr"}`:                                   true,
		`{"filter":"userName pr and members pr"}`:                    false,
	} {
		if _, err := scim.ReadSearch(object(t, values), scim.Users, scim.Groups); (err == nil) != good {
			t.Errorf("%s: %v", values, err)
		}
	}
}

func users() []scim.Resource {
	var resources []scim.Resource
	for i, name := range []string{"rita", "Bert", "dan", "ann"} {
		u := scim.User{UID: strings.ToUpper(name[:1]), Username: name, Name: name, Email: name + "@example.com", Active: i%2 == 0}
		resources = append(resources, u.Resource("x"))
	}
	return resources
}

func TestSearchSortsResources(t *testing.T) {
	for values, want := range map[string]string{
		`{}`:                    "rita Bert dan ann",
		`{"sortBy":"userName"}`: "ann Bert dan rita",
		`{"sortBy":"USERNAME","sortOrder":"Descending"}`:       "rita dan Bert ann",
		`{"sortBy":"emails"}`:                                  "ann Bert dan rita",
		`{"sortBy":"emails.type"}`:                             "rita Bert dan ann",
		`{"sortBy":"active"}`:                                  "Bert ann rita dan",
		`{"sortBy":"meta.created"}`:                            "rita Bert dan ann",
		`{"sortBy":"name.givenName","sortOrder":"descending"}`: "rita dan Bert ann",
	} {
		s, err := scim.ReadSearch(object(t, values), scim.Users)
		if err != nil {
			t.Fatal(err)
		}
		all := users()
		s.Sort(all, scim.Users)
		var names []string
		for _, r := range all {
			names = append(names, r["userName"].(string))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %s, want %s", values, got, want)
		}
	}
}

func TestSearchPageBounds(t *testing.T) {
	for values, want := range map[string]int{
		`{}`: 4, `{"startIndex":2,"count":2}`: 2, `{"startIndex":4}`: 1, `{"startIndex":5}`: 0, `{"startIndex":99}`: 0, `{"count":0}`: 0,
	} {
		s, err := scim.ReadSearch(object(t, values), scim.Users)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Page(users()); len(got) != want {
			t.Errorf("%s: %d, want %d", values, len(got), want)
		}
	}
	var s scim.Search
	if got := encoded(t, s.List(0, nil)["Resources"]); got != "[]" {
		t.Errorf("empty Resources encoded as %s", got)
	}
}

func TestProjectionSelectsAttributes(t *testing.T) {
	rows := []struct{ name, values, has, lacks string }{
		{"all", `{}`, "id schemas meta userName emails name name.formatted displayName active externalId", ""},
		{"one", `{"attributes":"userName"}`, "id schemas userName", "meta emails name name.formatted active"},
		{"several in other case", `{"attributes":"USERNAME, emails.Value"}`, "id userName emails", "name displayName"},
		{"a list", `{"attributes":["userName","active"]}`, "userName active", "emails"},
		{"with the URN", `{"attributes":"urn:ietf:params:scim:schemas:core:2.0:User:userName"}`, "userName", "emails"},
		{"an unknown attribute", `{"attributes":"nickName"}`, "id schemas", "userName meta"},
		{"without one", `{"excludedAttributes":"emails,name"}`, "id userName active meta", "emails name name.formatted"},
		{"without mandatory attributes", `{"excludedAttributes":"id,schemas"}`, "id schemas userName", ""},
		{"the name", `{"attributes":"name"}`, "name name.formatted", "userName"},
		{"a sub-attribute of the name", `{"attributes":"name.formatted"}`, "name name.formatted", "userName"},
		{"another sub-attribute of the name", `{"attributes":"name.givenName"}`, "name", "name.formatted"},
		{"without a sub-attribute of the name", `{"excludedAttributes":"name.formatted"}`, "name userName", "name.formatted"},
		{"a sub-attribute of a simple attribute", `{"attributes":"userName.value"}`, "id", "userName"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p, err := scim.ReadProjection(object(t, row.values))
			if err != nil {
				t.Fatal(err)
			}
			got := p.Apply(dan())
			for name := range strings.FieldsSeq(row.has) {
				if _, there := got[name]; !there {
					t.Errorf("%s is missing", name)
				}
			}
			for name := range strings.FieldsSeq(row.lacks) {
				if _, there := got[name]; there {
					t.Errorf("%s is present", name)
				}
			}
		})
	}
}

func TestProjectionSelectsSubAttributes(t *testing.T) {
	for values, want := range map[string]string{
		`{"attributes":"emails.value"}`:         `[{"value":"dan@example.com"}]`,
		`{"excludedAttributes":"emails.value"}`: `[{"primary":true,"type":"work"}]`,
	} {
		p, err := scim.ReadProjection(object(t, values))
		if err != nil {
			t.Fatal(err)
		}
		if got := encoded(t, p.Apply(dan())["emails"]); got != want {
			t.Errorf("%s: %s, want %s", values, got, want)
		}
	}
}

func TestProjectionWantsMembers(t *testing.T) {
	for values, want := range map[string]bool{
		`{}`: true, `{"attributes":"displayName"}`: false, `{"attributes":"Members"}`: true, `{"attributes":"members.value"}`: true,
		`{"excludedAttributes":"MEMBERS"}`: false, `{"excludedAttributes":"members.type"}`: true,
	} {
		p, err := scim.ReadProjection(object(t, values))
		if err != nil || p.WantsMembers() != want {
			t.Errorf("%s: %v, %v, want %v", values, p.WantsMembers(), err, want)
		}
	}
}

func TestFilterMembersOfFilter(t *testing.T) {
	for filter, want := range map[string]string{
		`displayName eq "x"`:                                  `{"All":false,"UIDs":null}`,
		`id eq "5" and members eq "a"`:                        `{"All":false,"UIDs":["a"]}`,
		`not (members.value ne "a") or members[value eq "b"]`: `{"All":false,"UIDs":["a","b"]}`,
		`members pr`:              `{"All":true,"UIDs":null}`,
		`members.value sw "a"`:    `{"All":true,"UIDs":null}`,
		`members[type eq "User"]`: `{"All":true,"UIDs":null}`,
		`members.type eq "User"`:  `{"All":true,"UIDs":null}`,
	} {
		f, err := scim.ParseFilter(filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := encoded(t, scim.FilterMembers(f)); got != want {
			t.Errorf("%s: %s, want %s", filter, got, want)
		}
	}
}

func TestPlanSplitsFilter(t *testing.T) {
	for filter, want := range map[string]string{
		`userName eq "DAN"`:                          `{"By":3,"Value":"DAN"} `,
		`externalId eq "1" and active eq true`:       `{"By":1,"Value":"1"} active eq true`,
		`active eq true and emails.value eq "a@b.c"`: `{"By":4,"Value":"a@b.c"} active eq true`,
		`(id eq "1" and active pr) and userName pr`:  `{"By":1,"Value":"1"} active pr and userName pr`,
		`id eq "1" or id eq "2"`:                     `null id eq "1" or id eq "2"`,
		`not (id eq "1")`:                            `null not (id eq "1")`,
		`id eq null`:                                 `null id eq null`,
		`id eq ""`:                                   `null id eq ""`,
		`id sw "1"`:                                  `null id sw "1"`,
	} {
		f, err := scim.ParseFilter(filter)
		if err != nil {
			t.Fatal(err)
		}
		lookup, rest := scim.Plan(f, scim.Users)
		got := encoded(t, lookup) + " "
		if rest != nil {
			got += rest.String()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", filter, got, want)
		}
	}
}
