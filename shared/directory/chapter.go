package directory

import (
	"context"
	"slices"

	"postern/shared/store"
	"postern/shared/store/catalog"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// chapter is a part of an export: the records of one array that are found in one way.
type chapter struct {
	array string
	roots string // the kind of records that it is found through, as the catalog has them; "" for one way through
	read  reading
	// tell returns what documents say of a record: pointers to their structs, nothing where they can say nothing.
	tell func(*record.Record) []any
}

// reading returns the records of a chapter behind a place, and the place to go on from, "" at the end. root is nil where there
// are no roots. A chapter without it has its roots as its records.
type reading func(ctx context.Context, s *store.Store, root *record.Record, after string) ([]*record.Record, string, error)

// chapters are the parts of an export in the order of the document's arrays; those of one array follow each other. A kind of
// the loader that is missing here fails a test.
func chapters() []chapter {
	return slices.Concat(
		[]chapter{
			{"instance", "", readInstallation, tellInstance},
			{"storages", "", readInstallation, tellStorages},
			{"users", layout.KindUser, nil, tellValue},
			{"namespaces", layout.KindNamespace, nil, tellNamespace},
			{"projects", layout.KindProject, nil, tellProject},
			{"keys", layout.KindKey, nil, tellKey},
			{"deploy_keys", layout.KindKey, readDeployKey, tellDeployKey},
		},
		placed("members", listing(catalog.Members), tellValue),
		placed("protected_branches", readRules, tellBranches),
		[]chapter{
			{"protected_tags", layout.KindProject, readRules, tellTags},
			{"refs", layout.KindProject, listing(catalog.Refs), tellRef},
			{"snippets", layout.KindUser, listing(catalog.Snippets), tellValue},
			{"merge_requests", layout.KindProject, listing(catalog.MergeRequests), tellValue},
			{"ssh_certificates", layout.KindNamespace, listing(catalog.Certificates), tellCertificate},
			{"personal_access_tokens", layout.KindUser, listing(catalog.PersonalTokens), tellValue},
			{"agents", layout.KindProject, listing(catalog.Agents), tellValue},
			{"agent_tokens", layout.KindProject, readAgentTokens, tellValue},
		},
		placed("security_policies", listing(catalog.Policies), tellValue),
		[]chapter{
			{"saml_group_links", layout.KindNamespace, listing(catalog.SAMLLinks), tellValue},
			{"scim_tokens", "", readSCIMToken, tellValue},
			{"scim_tokens", layout.KindNamespace, readSCIMToken, tellValue},
			{"scim_identities", "", readIdentities, tellIdentity},
			{"scim_identities", layout.KindNamespace, readIdentities, tellIdentity},
			{"storage_limit_exclusions", "", readExclusions, tellValue},
		},
	)
}

// placed are the chapters of records that lie in a namespace or in a project.
func placed(array string, read reading, tell func(*record.Record) []any) []chapter {
	return []chapter{{array, layout.KindNamespace, read, tell}, {array, layout.KindProject, read, tell}}
}

// listedAtOnce is how many records are read from one listing at once.
const listedAtOnce = 300

// listing reads what is listed with the root.
func listing(list catalog.Listing) reading {
	return func(ctx context.Context, s *store.Store, root *record.Record, after string) ([]*record.Record, string, error) {
		return s.Listed(ctx, root.Key(), list, after, listedAtOnce)
	}
}

// readInstallation reads the one record that has settings, messages and storages.
func readInstallation(ctx context.Context, s *store.Store, _ *record.Record, _ string) ([]*record.Record, string, error) {
	found, err := s.Kept(ctx, record.InstallationRecord(&record.Installation{}).Key())
	return found, "", err
}

// readRules reads all rules of the root, which are one record.
func readRules(ctx context.Context, s *store.Store, root *record.Record, _ string) ([]*record.Record, string, error) {
	found, err := s.Kept(ctx, catalog.RulesKey(root.Key()))
	return found, "", err
}

// tenant is the root of SCIM records: a namespace, or the instance without one.
func tenant(root *record.Record) table.Key {
	if root == nil {
		return catalog.TenantKey(table.Key{})
	}
	return catalog.TenantKey(root.Key())
}

// readSCIMToken reads the tenant's token, which is there once it has an identity provider.
func readSCIMToken(ctx context.Context, s *store.Store, root *record.Record, _ string) ([]*record.Record, string, error) {
	found, err := s.Kept(ctx, tenant(root))
	return found, "", err
}

// readIdentities reads the tenant's identities by their external UIDs; those that were deleted are among them.
func readIdentities(ctx context.Context, s *store.Store, root *record.Record, after string) ([]*record.Record, string, error) {
	return s.Listed(ctx, tenant(root), catalog.Identities, after, listedAtOnce)
}

// readExclusions reads all exclusions, which lie in one partition.
func readExclusions(ctx context.Context, s *store.Store, _ *record.Record, after string) ([]*record.Record, string, error) {
	return s.Listed(ctx, catalog.ExclusionsKey(), catalog.Exclusions, after, listedAtOnce)
}

// readAgentTokens reads the tokens of the root's agents, a few agents at a time.
func readAgentTokens(ctx context.Context, s *store.Store, root *record.Record, after string) ([]*record.Record, string, error) {
	// Tokens are listed with their agents, and agents with their project, so the place to go on from is an agent's.
	agents, next, err := s.Listed(ctx, root.Key(), catalog.Agents, after, 10)
	if err != nil {
		return nil, "", err
	}
	var tokens []*record.Record
	for _, agent := range agents {
		for place, first := "", true; first || place != ""; first = false {
			var more []*record.Record
			if more, place, err = s.Listed(ctx, agent.Key(), catalog.AgentTokens, place, listedAtOnce); err != nil {
				return nil, "", err
			}
			tokens = append(tokens, more...)
		}
	}
	return tokens, next, nil
}
