package scim_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"postern/shared/scim"
)

func dan() scim.Resource {
	u := scim.User{
		UID: "u-dan", Username: "dan", Name: "Dan Brown", Email: "dan@example.com", Active: true,
		Created:  time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC),
		Modified: time.Date(2024, 6, 1, 10, 0, 0, 0, time.UTC), Version: "7",
	}
	return u.Resource("https://gitlab.example.com/api/scim/v2/groups/acme")
}

func ops() scim.Resource {
	g := scim.Group{ID: "5", ExternalID: "G-1", DisplayName: "Ops", Members: []string{"u-dan", "u-rita"}}
	return g.Resource("https://gitlab.example.com/api/scim/v2/groups/acme")
}

func TestFilterOnUsers(t *testing.T) {
	rows := []struct {
		filter string
		want   bool
	}{
		{`id eq "u-dan"`, true},
		{`id eq u-dan`, true},
		{`ID EQ "u-dan"`, true},
		{`id eq "U-DAN"`, false},
		{`externalId eq "u-dan"`, true},
		{`userName eq "DAN"`, true},
		{`userName ne "dan"`, false},
		{`userName ne "rita"`, true},
		{`urn:ietf:params:scim:schemas:core:2.0:User:userName eq "dan"`, true},
		{`urn:ietf:params:scim:schemas:core:2.0:User:name.formatted sw "dan"`, true},
		{`userName co "A"`, true},
		{`userName sw "d"`, true},
		{`userName ew "n"`, true},
		{`userName ew "x"`, false},
		{`userName gt "c"`, true},
		{`userName ge "dan"`, true},
		{`userName lt "dan"`, false},
		{`userName le "dan"`, true},
		{`active eq true`, true},
		{`active eq "True"`, true},
		{`active ne true`, false},
		{`active eq false`, false},
		{`name pr`, true},
		{`name.familyName eq "brown"`, true},
		{`emails pr`, true},
		{`emails co "@example"`, true},
		{`emails.value eq "dan@example.com"`, true},
		{`emails.type eq "home"`, false},
		{`emails[type eq "work" and value co "@example"]`, true},
		{`emails[type eq "home" and value co "@example"]`, false},
		{`emails[not (type eq "home")]`, true},
		{`emails[primary eq true]`, true},
		{`meta.created gt "2024-04-30T00:00:00Z"`, true},
		{`meta.created lt "2024-05-01T12:00:00+05:00"`, false},
		{`meta.lastModified ge "2024-06-01T10:00:00Z"`, true},
		{`meta.resourceType eq "User"`, true},
		{`schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"`, true},
		{`displayName eq null`, false},
		{`displayName ne null`, true},
		{`not (userName eq "dan")`, false},
		{`not(userName eq "rita")`, true},
		{`userName eq "x" and id pr or active eq true`, true},
		{`userName eq "x" and (id pr or active eq true)`, false},
		{`active eq true or userName eq "x" and id eq "x"`, true},
		{`userName eq "a \"quoted\" \u0064an"`, false},
		{`userName eq "\u0064an"`, true},
		{`  userName   eq   "dan"  `, true},
	}
	for _, row := range rows {
		t.Run(row.filter, func(t *testing.T) {
			f, err := scim.ParseFilter(row.filter)
			if err != nil {
				t.Fatal(err)
			}
			if err := scim.Check(f, scim.Users); err != nil {
				t.Fatal(err)
			}
			if got := scim.Matches(f, scim.Users, dan()); got != row.want {
				t.Errorf("matches %v, want %v", got, row.want)
			}
		})
	}
}

func TestFilterOnGroups(t *testing.T) {
	for filter, want := range map[string]bool{
		`displayName eq "ops"`:                           true,
		`externalId eq "g-1"`:                            false,
		`members eq "u-rita"`:                            true,
		`members.value eq "u-mia"`:                       false,
		`members[value eq "u-dan"]`:                      true,
		`members ne "u-mia"`:                             true,
		`members[value sw "u-" and type eq "User"]`:      true,
		`members.$ref co "/Users/u-rita"`:                true,
		`id eq "5" and members eq "u-rita"`:              true,
		`members pr and not (externalId ne "G-1")`:       true,
		`meta.created pr`:                                false,
		`externalId eq "G-1" and displayName co "ops x"`: false,
	} {
		t.Run(filter, func(t *testing.T) {
			f, err := scim.ParseFilter(filter)
			if err != nil {
				t.Fatal(err)
			}
			if err := scim.Check(f, scim.Groups); err != nil {
				t.Fatal(err)
			}
			if got := scim.Matches(f, scim.Groups, ops()); got != want {
				t.Errorf("matches %v, want %v", got, want)
			}
		})
	}
}

// Malformed filters and unsupported comparisons are rejected as invalidFilter.
func TestInvalidFilterIsRejected(t *testing.T) {
	for _, filter := range []string{
		"blah", "id", "id eq", "id zz 1", `id eq "a`, `id eq "a" and`, `or id eq "a"`, `(id eq "a"`, `id eq "a")`, `id eq "a" id eq "b"`,
		`not id eq "a"`, `emails[type eq "work"`, `emails[type eq "work"]x`, `emails[emails[type eq "a"]]`, `emails.type[value eq "a"]`,
		`9id eq "a"`, `na me eq "a"`, `a.b.c eq "a"`, `urn:eq "a"`, `id eq "\q"`, `ideq"a"`, "id eq \"a\xff\"",
		strings.Repeat("(", 40) + `id pr` + strings.Repeat(")", 40), `id eq "` + strings.Repeat("a", 9000) + `"`,
		`nickName eq "a"`, `name.middleName pr`, `emails[kind eq "a"]`, `userName[value eq "a"]`, `urn:other:schema:userName eq "a"`,
		`name eq "Dan"`, `active gt true`, `active eq "maybe"`, `active co "t"`, `active lt null`,
		`meta.created gt "yesterday"`, `meta.created co "2024-05-01T10:00:00Z"`, `members eq "u-dan"`,
	} {
		t.Run(filter, func(t *testing.T) {
			f, err := scim.ParseFilter(filter)
			if err == nil {
				err = scim.Check(f, scim.Users)
			}
			var refused *scim.Error
			if !errors.As(err, &refused) || refused.Type != scim.InvalidFilter || refused.Status != 400 {
				t.Errorf("error %v, want invalidFilter", err)
			}
		})
	}
}
