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

// KindExclusion is what the numbers of storage limit exclusions are given out under.
const KindExclusion = "storage_limit_exclusion"
