package scim_test

import (
	"testing"

	"postern/shared/scim"
)

// ana is a user with several addresses, and with absent, null and empty values.
func ana() scim.Resource {
	return scim.Resource{
		"schemas": []any{scim.UserSchema}, "id": "Ana-1", "externalId": "Ana-1", "userName": "Ana", "displayName": nil, "active": false,
		"name": map[string]any{"formatted": "Ana de Sá", "givenName": "Ana", "familyName": ""},
		"emails": []any{
			map[string]any{"value": "ana@work.example", "type": "work", "primary": true},
			map[string]any{"value": "ana@home.example", "type": "home", "primary": false},
			map[string]any{"value": "Other@Example.org"},
		},
		"meta": map[string]any{
			"resourceType": "User", "created": "2024-05-01T10:00:00.250Z", "location": "https://x/Users/Ana-1", "version": `W/"7"`,
		},
	}
}

// bare is a user with an id only.
func bare() scim.Resource { return scim.Resource{"schemas": []any{scim.UserSchema}, "id": "b"} }

// matched parses, checks and evaluates a filter.
func matched(t *testing.T, filter string, s *scim.Schema, r scim.Resource) bool {
	t.Helper()
	f, err := scim.ParseFilter(filter)
	if err != nil {
		t.Fatal(err)
	}
	if err := scim.Check(f, s); err != nil {
		t.Fatal(err)
	}
	return scim.Matches(f, s, r)
}

type filterRow struct {
	filter string
	want   bool
}

func testFilters(t *testing.T, r scim.Resource, rows []filterRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.filter, func(t *testing.T) {
			if got := matched(t, row.filter, scim.Users, r); got != row.want {
				t.Errorf("matches %v, want %v", got, row.want)
			}
		})
	}
}

// Every operator on case-insensitive text (RFC 7644 table 3).
func TestFilterOperatorsOnText(t *testing.T) {
	testFilters(t, ana(), []filterRow{
		{`userName eq "ana"`, true},
		{`userName eq "an"`, false},
		{`userName eq "anab"`, false},
		{`userName eq ""`, false},
		{`userName ne "ANA"`, false},
		{`userName ne "anab"`, true},
		{`userName co "N"`, true},
		{`userName co "x"`, false},
		{`userName co ""`, true},
		{`userName sw "AN"`, true},
		{`userName sw "na"`, false},
		{`userName sw "anab"`, false},
		{`userName ew "NA"`, true},
		{`userName ew "an"`, false},
		{`userName gt "ana"`, false},
		{`userName gt "AN"`, true},
		{`userName ge "ANA"`, true},
		{`userName ge "anb"`, false},
		{`userName lt "anb"`, true},
		{`userName lt "ANA"`, false},
		{`userName le "ANA"`, true},
		{`userName le "am"`, false},
		{`name.formatted ew "SÁ"`, true},
		{`name.formatted eq "Ana de S\u00e1"`, true},
	})
}

func TestFilterOperatorsOnCaseExactText(t *testing.T) {
	testFilters(t, ana(), []filterRow{
		{`id eq "Ana-1"`, true},
		{`id eq "ana-1"`, false},
		{`id ne "ana-1"`, true},
		{`id co "NA"`, false},
		{`id sw "Ana"`, true},
		{`id sw "ana"`, false},
		{`id ew "A-1"`, false},
		{`id gt "ANA-1"`, true},
		{`id lt "ana-1"`, true},
		{`externalId eq "ANA-1"`, false},
		{`meta.resourceType eq "user"`, false},
		{`meta.version eq "W/\"7\""`, true},
		{`meta.location ew "/Ana-1"`, true},
		{`meta.location ew "/ana-1"`, false},
		{`schemas sw "URN"`, false},
		{`schemas co ":User"`, true},
	})
}

// Booleans support equality only. They are accepted with quotes and in any case.
func TestFilterOperatorsOnBooleans(t *testing.T) {
	testFilters(t, ana(), []filterRow{
		{`active eq false`, true},
		{`active eq FALSE`, true},
		{`active eq "False"`, true},
		{`active eq true`, false},
		{`active ne true`, true},
		{`active ne false`, false},
		{`active pr`, true}, // false is a value
		{`emails.primary eq true`, true},
		{`emails.primary eq false`, true},
		{`emails[value ew ".org" and primary pr]`, false},
	})
}

// Times are compared as instants, not as text.
func TestFilterOperatorsOnTimes(t *testing.T) {
	testFilters(t, ana(), []filterRow{
		{`meta.created eq "2024-05-01T10:00:00.250Z"`, true},
		{`meta.created eq "2024-05-01T12:00:00.25+02:00"`, true},
		{`meta.created eq "2024-05-01T10:00:00Z"`, false},
		{`meta.created ne "2024-05-01T08:00:00.250-02:00"`, false},
		{`meta.created gt "2024-05-01T10:00:00Z"`, true},
		{`meta.created gt "2024-05-01T09:30:00-01:00"`, false},
		{`meta.created ge "2024-05-01T10:00:00.250Z"`, true},
		{`meta.created lt "2024-05-01T23:00:00+14:00"`, false},
		{`meta.created lt "2024-05-01T10:00:00.251Z"`, true},
		{`meta.created le "2024-05-01T10:00:00.249Z"`, false},
		{`meta.lastModified gt "1970-01-01T00:00:00Z"`, false}, // absent
		{`meta.lastModified lt "2070-01-01T00:00:00Z"`, false},
	})
}

// One matching value is enough. For ne, no value may be equal.
func TestFilterOperatorsOnMultipleValues(t *testing.T) {
	testFilters(t, ana(), []filterRow{
		{`emails eq "ana@home.example"`, true},
		{`emails.value ew "example.ORG"`, true},
		{`emails.value ne "ana@home.example"`, false},
		{`emails.value ne "other@home.example"`, true},
		{`emails.type eq "home" and emails.primary eq true`, true}, // in different elements
		{`emails[type eq "home" and primary eq true]`, false},
		{`emails[type eq "home" or primary eq true]`, true},
		{`emails[type eq "WORK" and primary eq true and value sw "ana"]`, true},
		{`emails[not (type pr)]`, true},
		{`emails[not (type pr) and value ew "example"]`, false},
		{`not (emails[type eq "other"])`, true},
		{`emails[(type eq "home" or type eq "work") and value co "@home"]`, true},
		{`emails[type eq null]`, true},
		{`emails[value pr]`, true},
		{`EMAILS[TYPE EQ "home"]`, true},
		{`urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "home"]`, true},
		{`name[familyName pr]`, false}, // a single complex value works like a list of one
		{`name[givenName eq "ana"]`, true},
		{`meta[resourceType eq "User" and created gt "2024-01-01T00:00:00Z"]`, true},
	})
}

// Absent, null and empty attributes have no value. Only null equals them (RFC 7643 section 2.5).
func TestFilterOperatorsOnMissingValues(t *testing.T) {
	testFilters(t, ana(), []filterRow{
		{`displayName pr`, false},
		{`displayName eq null`, true},
		{`displayName eq NULL`, true},
		{`displayName eq "null"`, false},
		{`displayName ne null`, false},
		{`displayName ne "x"`, true},
		{`displayName co ""`, false},
		{`name.familyName pr`, false},
		{`name.familyName eq null`, true},
		{`name.familyName eq ""`, false},
		{`name pr`, true},
		{`meta.lastModified pr`, false},
		{`meta.lastModified eq null`, true},
	})
	testFilters(t, bare(), []filterRow{
		{`emails pr`, false},
		{`emails eq null`, true},
		{`emails.value pr`, false},
		{`emails[value pr]`, false},
		{`emails[not (value pr)]`, false}, // no element to select
		{`not (emails[value pr])`, true},
		{`active pr`, false},
		{`active eq false`, false},
		{`active ne true`, true},
		{`name.formatted sw ""`, false},
		{`userName gt ""`, false},
		{`userName le "zzz"`, false},
		{`meta.created pr or id pr`, true},
	})
}

// "not" binds stronger than "and", and "and" stronger than "or" (RFC 7644 section 3.4.2.2).
func TestFilterPrecedence(t *testing.T) {
	const yes, no = `id pr`, `id eq "x"`
	testFilters(t, ana(), []filterRow{
		{yes + " or " + yes + " and " + no, true},
		{"(" + yes + " or " + yes + ") and " + no, false},
		{no + " and " + yes + " or " + yes, true},
		{no + " and (" + yes + " or " + yes + ")", false},
		{no + " or " + yes + " and " + no + " or " + no, false},
		{no + " or " + yes + " and " + yes + " or " + no, true},
		{"not (" + no + ") and " + no, false},
		{"not (" + no + " and " + no + ")", true},
		{"not (" + yes + ") or " + yes, true},
		{"not (" + yes + " or " + yes + ")", false},
		{"not (not (" + yes + "))", true},
		{"not (" + no + ") and not (" + no + ")", true},
		{yes + " AND " + yes + " And NOT (" + no + ")", true},
		{"((" + no + ") or ((" + yes + ")))", true},
		{"( " + no + " or " + yes + " )", true},
		{"(" + yes + " and (" + no + " or (" + yes + " and " + yes + ")))", true},
	})
}

// A filter prints only the parentheses that it needs.
func TestFilterPrintsMinimalParentheses(t *testing.T) {
	for filter, want := range map[string]string{
		`((id pr))`:                             `id pr`,
		`(id pr and id pr) and id pr`:           `id pr and id pr and id pr`,
		`(id pr or id pr) or id pr`:             `id pr or id pr or id pr`,
		`(id pr and id pr) or id pr`:            `id pr and id pr or id pr`,
		`id pr AND (id pr OR id pr)`:            `id pr and (id pr or id pr)`,
		`NOT(id pr)`:                            `not (id pr)`,
		`id EQ "a\u0022b"`:                      `id eq "a\"b"`,
		`active eq TRUE`:                        `active eq true`,
		`emails[ type eq "work" ]`:              `emails[type eq "work"]`,
		`urn:ietf:params:scim:x:2.0:a.b pr`:     `urn:ietf:params:scim:x:2.0:a.b pr`,
		`not eq "a"`:                            `not eq "a"`, // an attribute named not
		`and pr and or pr`:                      `and pr and or pr`,
		`id eq 0b1-7c`:                          `id eq 0b1-7c`,
		`not (id pr or id pr) and (not(id pr))`: `not (id pr or id pr) and not (id pr)`,
	} {
		t.Run(filter, func(t *testing.T) {
			f, err := scim.ParseFilter(filter)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.String(); got != want {
				t.Errorf("printed as %s, want %s", got, want)
			}
		})
	}
}

// An unknown attribute and an unsupported operator are rejected.
func TestCheckRejectsUnsupportedComparison(t *testing.T) {
	users := []string{
		`active gt false`, `active ge true`, `active lt true`, `active le true`, `active sw "t"`, `active ew "e"`, `active co "ru"`,
		`active eq 1`, `active eq ""`, `emails[primary gt false]`, `emails.primary co "true"`,
		`meta.created sw "2024-05-01T10:00:00Z"`, `meta.created ew "2024-05-01T10:00:00Z"`, `meta.created eq "2024-05-01"`,
		`meta.created eq "2024-05-01T10:00:00"`, `meta.created gt ""`, `meta.created eq 7`, `meta.created gt null`,
		`userName gt null`, `userName co null`, `userName sw null`, `emails le null`,
		`name co "Dan"`, `meta eq "User"`, `name eq null`,
		`password pr`, `password eq "x"`, `members pr`, `emails.display pr`, `emails[display pr]`, `emails[name.formatted pr]`,
		`urn:ietf:params:scim:schemas:core:2.0:Group:displayName pr`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr`,
		`id[value eq "x"]`, `active[value eq true]`, `userName.value pr`, `schemas[value pr]`,
	}
	for _, filter := range users {
		t.Run(filter, func(t *testing.T) {
			f, err := scim.ParseFilter(filter)
			if err != nil {
				t.Fatal(err)
			}
			refused(t, scim.Check(f, scim.Users), 400, scim.InvalidFilter)
		})
	}
}

func TestParseFilterRejectsSyntaxErrors(t *testing.T) {
	for _, filter := range []string{
		"", " ", "(", ")", "()", "not", "not ()", "not (id pr", "and", `id pr and`, `id pr or`, `id pr or and id pr`, `id pr not (id pr)`,
		`id pr id pr`, `(id pr) (id pr)`, `id pr)`, `((id pr)`, `id eq "a" "b"`, `id "a"`, `"a" eq id`, `eq "a"`, `id = "a"`, `id == "a"`,
		`id eq (a)`, `id eq [a]`, `id eq`, `id eq `, `id pr "a"`, `id present`, `id eq "a\"`, `id eq "a" && id pr`, `id eq "a" xor id pr`,
		`emails[]`, `emails[ ]`, `emails[type eq "work"`, `emails [type eq "work"]`, `emails[type eq "work"] pr`, `emails[type eq "work"].value pr`,
		`emails[type eq "work"]]`, `emails[(type eq "work"]`, `emails]`, `[type eq "work"]`, `name.formatted[x pr]`, `emails[type[x pr]]`,
		`.id pr`, `id. pr`, `id..x pr`, `-id pr`, `_id pr`, `i*d pr`, `é pr`, `a.b.c pr`, `urn:id pr`, `urn:a:b: pr`, `http://x:id pr`,
		"id eq \"a\nb\"", "id\teq\t\"a\"", `id eq "\u12"`, `id eq "\x"`, "id eq \xff",
	} {
		t.Run(filter, func(t *testing.T) {
			_, err := scim.ParseFilter(filter)
			refused(t, err, 400, scim.InvalidFilter)
		})
	}
}
