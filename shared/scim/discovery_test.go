package scim_test

import (
	"slices"
	"strings"
	"testing"

	"postern/shared/scim"
)

// attributeWords are the allowed values of an attribute's characteristics (RFC 7643 section 7).
var attributeWords = map[string][]string{
	"type":       {"string", "boolean", "decimal", "integer", "dateTime", "reference", "complex", "binary"},
	"mutability": {"readOnly", "readWrite", "immutable", "writeOnly"},
	"returned":   {"always", "never", "default", "request"},
	"uniqueness": {"none", "server", "global"},
}

// attributeMembers are the members of an attribute's definition, each with a value of its type.
var attributeMembers = map[string]any{
	"name": "", "type": "", "subAttributes": []any{}, "multiValued": true, "description": "", "required": true,
	"canonicalValues": []any{}, "caseExact": true, "mutability": "", "returned": "", "uniqueness": "", "referenceTypes": []any{},
}

func TestSchemasMatchRFCFormat(t *testing.T) {
	for _, s := range scim.Schemas("https://x/scim") {
		definition := object(t, encoded(t, s))
		urn, _ := definition["id"].(string)
		t.Run(urn, func(t *testing.T) {
			for _, name := range []string{"name", "description"} {
				if text, ok := definition[name].(string); !ok || text == "" {
					t.Errorf("%s is %v", name, definition[name])
				}
			}
			checkMeta(t, definition, "Schema", "https://x/scim/Schemas/"+urn)
			checkAttributes(t, definition["attributes"])
			for _, common := range []string{"id", "schemas", "meta"} { // not defined by schemas (section 3.1)
				if strings.Contains(encoded(t, definition["attributes"]), `"name":"`+common+`"`) {
					t.Errorf("%s is defined", common)
				}
			}
		})
	}
}

// checkAttributes checks the format of attribute definitions recursively.
func checkAttributes(t *testing.T, definitions any) {
	t.Helper()
	all, ok := definitions.([]any)
	if !ok || len(all) == 0 {
		t.Fatalf("attributes are %v", definitions)
	}
	seen := map[string]bool{}
	for _, one := range all {
		definition := one.(map[string]any)
		name, _ := definition["name"].(string)
		if seen[strings.ToLower(name)] {
			t.Errorf("%s is defined twice", name)
		}
		seen[strings.ToLower(name)] = true
		if _, ok := scim.ParseAttribute(name); !ok {
			t.Errorf("%q is not a valid name", name)
		}
		for word, allowed := range attributeWords {
			if value, _ := definition[word].(string); !slices.Contains(allowed, value) {
				t.Errorf("%s: %s is %v", name, word, definition[word])
			}
		}
		checkTypes(t, name, definition)
		complexed, reference := definition["type"] == "complex", definition["type"] == "reference"
		if complexed != (definition["subAttributes"] != nil) || reference != (definition["referenceTypes"] != nil) {
			t.Errorf("%s: members do not fit the type: %v", name, definition)
		}
		if complexed {
			checkAttributes(t, definition["subAttributes"])
		}
	}
}

// checkTypes checks the JSON type of each member of a definition.
func checkTypes(t *testing.T, name string, definition map[string]any) {
	t.Helper()
	for member, value := range definition {
		var same bool
		switch attributeMembers[member].(type) {
		case string:
			text, ok := value.(string)
			same = ok && text != ""
		case bool:
			_, same = value.(bool)
		case []any:
			list, ok := value.([]any)
			same = ok && len(list) > 0
		}
		if !same {
			t.Errorf("%s: %s is %v", name, member, value)
		}
	}
}

// checkMeta checks the metadata of a discovery resource.
func checkMeta(t *testing.T, resource map[string]any, kind, location string) {
	t.Helper()
	meta, _ := resource["meta"].(map[string]any)
	if meta["resourceType"] != kind || meta["location"] != location {
		t.Errorf("meta %v, want %s at %s", meta, kind, location)
	}
	if urns, _ := resource["schemas"].([]any); len(urns) != 1 || !strings.HasSuffix(urns[0].(string), ":"+kind) {
		t.Errorf("schemas %v, want that of %s", resource["schemas"], kind)
	}
}

// The definitions match the behavior of the attributes (RFC 7643 sections 4.1, 4.2 and 8.7.1).
func TestSchemasDeclareAttributeBehavior(t *testing.T) {
	rows := []struct {
		schema       int
		path, member string
		want         any
	}{
		{0, "userName", "required", true},
		{0, "userName", "caseExact", false},
		{0, "userName", "uniqueness", "server"},
		{0, "externalId", "caseExact", true},
		{0, "active", "type", "boolean"},
		{0, "active", "mutability", "readWrite"},
		{0, "userName", "mutability", "immutable"},
		{0, "displayName", "mutability", "immutable"},
		{0, "emails", "multiValued", true},
		{0, "emails", "mutability", "immutable"},
		{0, "emails.primary", "type", "boolean"},
		{0, "emails.value", "required", true},
		{0, "name", "multiValued", false},
		{0, "name", "type", "complex"},
		{0, "name.givenName", "mutability", "readOnly"},
		{1, "displayName", "required", true},
		{1, "displayName", "mutability", "readWrite"},
		{1, "externalId", "caseExact", true},
		{1, "members", "multiValued", true},
		{1, "members.value", "mutability", "immutable"},
		{1, "members.value", "caseExact", true},
		{1, "members.$ref", "type", "reference"},
		{1, "members.$ref", "caseExact", true},
	}
	all := scim.Schemas("x")
	for _, row := range rows {
		t.Run(row.path+" "+row.member, func(t *testing.T) {
			found := object(t, encoded(t, all[row.schema]))
			key := "attributes"
			for name := range strings.SplitSeq(row.path, ".") {
				found, key = defined(found[key], name), "subAttributes"
			}
			if found[row.member] != row.want {
				t.Errorf("%v, want %v", found[row.member], row.want)
			}
		})
	}
}

// defined returns the definition of an attribute, nil for an unknown one.
func defined(definitions any, name string) map[string]any {
	all, _ := definitions.([]any)
	for _, one := range all {
		if definition, _ := one.(map[string]any); definition["name"] == name {
			return definition
		}
	}
	return nil
}

func TestResourceTypesMatchRFCFormat(t *testing.T) {
	types := scim.ResourceTypes("https://x/scim")
	for i, want := range []struct{ name, endpoint, schema string }{
		{"User", "/Users", scim.UserSchema}, {"Group", "/Groups", scim.GroupSchema},
	} {
		t.Run(want.name, func(t *testing.T) {
			got := object(t, encoded(t, types[i]))
			if got["id"] != want.name || got["name"] != want.name || got["endpoint"] != want.endpoint || got["schema"] != want.schema {
				t.Errorf("%v, want %v", got, want)
			}
			checkMeta(t, got, "ResourceType", "https://x/scim/ResourceTypes/"+want.name)
		})
	}
}

// The configuration has the members that RFC 7643 section 5 requires.
func TestServiceProviderConfigMatchesRFCFormat(t *testing.T) {
	config := object(t, encoded(t, scim.ServiceProviderConfig("https://x/scim")))
	checkMeta(t, config, "ServiceProviderConfig", "https://x/scim/ServiceProviderConfig")
	for feature, more := range map[string][]string{
		"patch": nil, "bulk": {"maxOperations", "maxPayloadSize"}, "filter": {"maxResults"}, "changePassword": nil, "sort": nil, "etag": nil,
	} {
		got, _ := config[feature].(map[string]any)
		if _, ok := got["supported"].(bool); !ok || len(got) != 1+len(more) {
			t.Errorf("%s is %v", feature, config[feature])
		}
		for _, name := range more {
			if n := encoded(t, got[name]); strings.Trim(n, "0123456789") != "" || n == "0" {
				t.Errorf("%s of %s is %s", name, feature, n)
			}
		}
	}
	schemes, _ := config["authenticationSchemes"].([]any)
	if len(schemes) != 1 {
		t.Fatalf("schemes %v", config["authenticationSchemes"])
	}
	scheme := schemes[0].(map[string]any)
	if scheme["type"] != "oauthbearertoken" || scheme["name"] == "" || scheme["description"] == "" || scheme["primary"] != true {
		t.Errorf("%v", scheme)
	}
}

func TestErrorBodyFormat(t *testing.T) {
	const head, tail = `{"detail":"d","schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],`, `}`
	rows := []struct {
		name  string
		err   *scim.Error
		want  string
		check string
	}{
		{"400 with a type", scim.Bad(scim.InvalidFilter, "d"), `"scimType":"invalidFilter","status":"400"`, "invalidFilter"},
		{"no target", scim.Bad(scim.NoTarget, "d"), `"scimType":"noTarget","status":"400"`, "noTarget"},
		{"mutability", scim.Bad(scim.Mutability, "d"), `"scimType":"mutability","status":"400"`, "mutability"},
		{"too many", scim.Bad(scim.TooMany, "d"), `"scimType":"tooMany","status":"400"`, "tooMany"},
		{"409", scim.Taken("d"), `"scimType":"uniqueness","status":"409"`, "uniqueness"},
		{"412", scim.Precondition("d"), `"status":"412"`, "412"},
		{"any other", &scim.Error{Status: 501, Detail: "d"}, `"status":"501"`, "501"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := encoded(t, row.err.Body()); got != head+row.want+tail || row.err.Check() != row.check || row.err.Error() != "scim: d" {
				t.Errorf("%s, %s, %v, want %s, %s", got, row.err.Check(), row.err, head+row.want+tail, row.check)
			}
		})
	}
	long := scim.UnknownMembers([]string{strings.Repeat("é", 300), "x"})
	if len(long.Detail) > 240 || !strings.HasSuffix(long.Detail, "…") || long.Type != scim.InvalidValue {
		t.Errorf("%d bytes: %s", len(long.Detail), long.Detail)
	}
}
