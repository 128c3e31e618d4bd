package layout

// The kinds of records that unique values lead to and that others refer to by id.
const (
	KindUser          = "user"
	KindKey           = "key"
	KindNamespace     = "namespace"
	KindProject       = "project"
	KindAgent         = "agent"
	KindPersonalToken = "personal_access_token"
	KindAgentToken    = "agent_token"
	KindSCIMToken     = "scim_token"
	KindSCIMGroup     = "scim_group"
)

// KindExclusion is the kind of the counter for ids of storage limit exclusions.
const KindExclusion = "storage_limit_exclusion"
