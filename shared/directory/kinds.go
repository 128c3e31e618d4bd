package directory

// kinds are the arrays of a document in the order in which they are written: what others refer to comes first.
// Settings and storages come before them all.
func kinds() []kind {
	return []kind{
		users(),
		namespaces(),
		projects(),
		keys(),
		deployKeys(),
		members(),
		protectedBranches(),
		protectedTags(),
		refs(),
		snippets(),
		mergeRequests(),
		sshCertificates(),
		personalAccessTokens(),
		agents(),
		agentTokens(),
		securityPolicies(),
		samlGroupLinks(),
		scimTokens(),
		scimIdentities(),
		storageLimitExclusions(),
	}
}
