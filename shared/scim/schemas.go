package scim

// The attributes that every resource has besides those of its schema (RFC 7643 section 3.1).
var commonAttributes = []attribute{
	plain("id", "Names the resource.", readOnly).exact().unique(),
	plain("schemas", "The URNs of the resource's schemas.", readOnly).exact().many(),
	plain("meta", "What the service keeps about the resource.", readOnly).of(
		plain("resourceType", "The type of the resource.", readOnly).exact(),
		plain("created", "When it was made.", readOnly).typed(dateTime),
		plain("lastModified", "When it was changed.", readOnly).typed(dateTime),
		plain("location", "Where it is.", readOnly).leadsTo("uri"),
		plain("version", "Its entity tag.", readOnly).exact(),
	),
}

// Users is the schema of users. It lists what is kept, and says what may be changed: nothing but the external UID and whether
// the account is active (internal API, update a single SCIM provisioned user). An external UID is listed as one that stays,
// because the resource goes by it: who changes it by a patch finds the user under another id.
var Users = &Schema{
	id: UserSchema, name: "User", plural: "Users", description: "An account that the identity provider provisions.",
	common: commonAttributes,
	attributes: []attribute{
		plain("externalId", "The external UID, which is also the id. It can be changed by a patch.", immutable).required().exact().unique(),
		plain("userName", "The username. It is set when the user is created.", immutable).required().unique(),
		plain("displayName", "The name to show. It is set when the user is created.", immutable).required(),
		plain("name", "The name. It is set when the user is created.", immutable).required().of(
			plain("formatted", "The whole name.", immutable).required(),
			plain("familyName", "The last word of the name.", readOnly),
			plain("givenName", "The name without its last word.", readOnly),
		),
		plain("emails", "The e-mail address. It is set when the user is created.", immutable).required().many().of(
			plain("value", "The address.", immutable).required(),
			plain("type", "What the address is for.", immutable).among("work"),
			plain("primary", "Whether it is the first to use.", immutable).typed(boolean),
		),
		plain("active", "Whether the user may sign in.", readWrite).typed(boolean).required(),
	},
}

// Groups is the schema of the identity provider's groups.
var Groups = &Schema{
	id: GroupSchema, name: "Group", plural: "Groups", common: commonAttributes,
	description: "A group of the identity provider. Its members are members of what is linked to its name.",
	attributes: []attribute{
		plain("displayName", "The name, which SAML group links go by.", readWrite).required().unique(),
		plain("externalId", "The identity provider's id.", readWrite).exact(),
		plain("members", "The members.", readWrite).many().of(
			plain("value", "The member's id.", immutable).required().exact(),
			plain("$ref", "Where the member is.", immutable).leadsTo("User"),
			plain("type", "The member's type.", immutable).among("User"),
		),
	},
}

// schemas are all of them.
var schemas = []*Schema{Users, Groups}

// ByURN returns the schema with a URN, nil if there is none.
func ByURN(urn string) *Schema {
	for _, s := range schemas {
		if s.id == urn {
			return s
		}
	}
	return nil
}
