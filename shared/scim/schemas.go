package scim

// commonAttributes are part of every resource (RFC 7643 section 3.1).
var commonAttributes = []attribute{
	plain("id", "The resource's id.", readOnly).exact().unique(),
	plain("schemas", "The URNs of the resource's schemas.", readOnly).exact().many(),
	plain("meta", "The resource's metadata.", readOnly).of(
		plain("resourceType", "The type of the resource.", readOnly).exact(),
		plain("created", "The time of creation.", readOnly).typed(dateTime),
		plain("lastModified", "The time of the last change.", readOnly).typed(dateTime),
		plain("location", "The resource's URL.", readOnly).leadsTo("uri"),
		plain("version", "The resource's entity tag.", readOnly).exact(),
	),
}

// Users is the schema of users. Only the external UID and active can be changed (internal API, update a single SCIM
// provisioned user). The external UID is declared immutable, because clients would lose the resource's URL. A patch can
// still change it.
var Users = &Schema{
	id: UserSchema, name: "User", plural: "Users", description: "An account that the identity provider provisions.",
	common: commonAttributes,
	attributes: []attribute{
		plain("externalId", "The external UID, which is also the id. It can be changed by a patch.", immutable).required().exact().unique(),
		plain("userName", "The username. It is set when the user is created.", immutable).required().unique(),
		plain("displayName", "The display name. It is set when the user is created.", immutable).required(),
		plain("name", "The name. It is set when the user is created.", immutable).required().of(
			plain("formatted", "The full name.", immutable).required(),
			plain("familyName", "The last word of the name.", readOnly),
			plain("givenName", "The name without its last word.", readOnly),
		),
		plain("emails", "The e-mail address. It is set when the user is created.", immutable).required().many().of(
			plain("value", "The e-mail address.", immutable).required(),
			plain("type", "The kind of address.", immutable).among("work"),
			plain("primary", "Whether this is the primary address.", immutable).typed(boolean),
		),
		plain("active", "Whether the user may sign in.", readWrite).typed(boolean).required(),
	},
}

// Groups is the schema of the identity provider's groups.
var Groups = &Schema{
	id: GroupSchema, name: "Group", plural: "Groups", common: commonAttributes,
	description: "A group of the identity provider. Its members join the groups that are linked to its name.",
	attributes: []attribute{
		plain("displayName", "The name that SAML group links refer to.", readWrite).required().unique(),
		plain("externalId", "The identity provider's id.", readWrite).exact(),
		plain("members", "The members.", readWrite).many().of(
			plain("value", "The member's id.", immutable).required().exact(),
			plain("$ref", "The member's URL.", immutable).leadsTo("User"),
			plain("type", "The member's type.", immutable).among("User"),
		),
	},
}

var schemas = []*Schema{Users, Groups}
