package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"postern/shared/gitlab"
)

// Records reads records by the keys of their own items, with strong consistency. What is not there is missing from
// the result.
func (s *Store) Records(ctx context.Context, keys []Key) (map[Key]*Record, error) {
	items, err := s.batchGet(ctx, distinct(keys))
	if err != nil {
		return nil, err
	}
	records := make(map[Key]*Record, len(items))
	for k, item := range items {
		if records[k], err = s.stored(ctx, item); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// Holder is the record that a unique value leads to.
type Holder struct {
	Kind string // as index items have it: "user", "key", "namespace", "project", ...; "" for a SCIM identity
	Own  Key    // the record's own item
}

// Holders reads which records hold unique values, named by their keys (Record.Held). Values that nobody holds are
// missing from the result.
func (s *Store) Holders(ctx context.Context, keys []Key) (map[Key]Holder, error) {
	items, err := s.batchGet(ctx, distinct(keys))
	if err != nil {
		return nil, err
	}
	holders := make(map[Key]Holder, len(items))
	for k, item := range items {
		holders[k] = Holder{Kind: text(item, "kind"), Own: holding(k, item)}
	}
	return holders, nil
}

// holding returns the own item of the record that an index item leads to.
func holding(k Key, item Item) Key {
	kind, id := text(item, "kind"), integer(item, "id")
	switch {
	case kind == "":
		return scimIdentityKey(afterHash(k.PK), text(item, "extern_uid"))
	case kind == KindSCIMGroup:
		return scimGroupKey(afterHash(k.PK), id)
	case kind == KindSCIMToken && id == 0:
		return scimTokenKey(scimTenant(nil))
	case kind == KindSCIMToken:
		return scimTokenKey(num(id))
	}
	return OwnKey(kind, id)
}

// Present reads which records are there, named by the keys of their own items (OwnKey).
func (s *Store) Present(ctx context.Context, keys []Key) (map[Key]bool, error) {
	items, err := s.batchGet(ctx, distinct(keys))
	if err != nil {
		return nil, err
	}
	present := make(map[Key]bool, len(items))
	for k := range items {
		present[k] = true
	}
	return present, nil
}

// OwnKey returns the key of the own item of a record of a kind that others refer to by id, as Holder names kinds.
func OwnKey(kind string, id gitlab.ID) Key {
	switch kind {
	case KindUser:
		return userKey(id)
	case KindNamespace:
		return namespaceKey(id)
	case KindProject:
		return projectKey(id)
	case KindAgent:
		return agentKey(id)
	case KindPersonalToken:
		return personalTokenKey(id)
	case KindAgentToken:
		return agentTokenKey(id)
	}
	return keyKey(id)
}

// NextID gives out an id of a kind that the service numbers itself. It returns each id once; an unused one is left out.
func (s *Store) NextID(ctx context.Context, kind string) (gitlab.ID, error) {
	return s.reserveIDs(ctx, kind, 1)
}

// reserveIDs gives out several ids at once and returns the last of them.
func (s *Store) reserveIDs(ctx context.Context, kind string, n int64) (gitlab.ID, error) {
	return s.db.Add(ctx, counterKey(kind), "n", n)
}

// stored builds the record of an own item that was read.
func (s *Store) stored(ctx context.Context, item Item) (*Record, error) {
	r, err := s.rebuilt(ctx, item)
	if err != nil {
		return nil, fmt.Errorf("store: item %s: %w", keyOf(item), err)
	}
	r.version = integer(item, "v")
	_, r.removing = item[removingAttribute]
	return r, nil
}

// rebuilt builds the record of an own item, and reads the further items of those few that are spread over several.
func (s *Store) rebuilt(ctx context.Context, item Item) (*Record, error) {
	k := keyOf(item)
	switch {
	case k == instanceKey(0):
		return s.rebuiltInstallation(ctx, item)
	case k.SK == "rules":
		rules, err := s.joinParts(ctx, item)
		if err != nil {
			return nil, err
		}
		return RulesRecord(rules), nil
	}
	return rebuild(item, k)
}

// rebuiltInstallation adds the messages of the same copy.
func (s *Store) rebuiltInstallation(ctx context.Context, item Item) (*Record, error) {
	found, err := s.batchGet(ctx, []Key{broadcastKey(0)})
	if err != nil {
		return nil, err
	}
	var in Installation
	if err := decode(item, &in.Settings); err != nil {
		return nil, err
	}
	var messages struct {
		Broadcasts []gitlab.Broadcast `json:"broadcasts"`
	}
	if err := decode(found[broadcastKey(0)], &messages); err != nil {
		return nil, err
	}
	in.Broadcasts = messages.Broadcasts
	return InstallationRecord(&in), nil
}

// errNoRecord says that an item is not a record's own.
var errNoRecord = errors.New("no record's own item")

// rebuild builds the record of an own item by its place in its partition.
func rebuild(item Item, k Key) (*Record, error) {
	kind := beforeHash(k.SK)
	switch kind {
	case "user", "namespace", "project", "key":
		return rebuildMain(item, k, kind)
	case "member":
		return build(item, MemberRecord)
	case "ref":
		return storedRef(item)
	case "mr":
		return build(item, MergeRequestRecord)
	case "snippet":
		return build(item, SnippetRecord)
	case "policy":
		return build(item, SecurityPolicyRecord)
	case "samllink":
		return build(item, SAMLGroupLinkRecord)
	case "agent":
		return build(item, AgentRecord)
	case "agenttoken":
		return build(item, AgentTokenRecord)
	case "pat":
		return build(item, PersonalAccessTokenRecord)
	case "identity":
		return build(item, SCIMIdentityRecord)
	case "group":
		return build(item, SCIMGroupRecord)
	case "scimmember":
		return build(item, SCIMGroupMemberRecord)
	}
	return rebuildByPartition(item, k, kind)
}

// rebuildMain builds the records whose names in the key also mean items of other records.
func rebuildMain(item Item, k Key, kind string) (*Record, error) {
	switch {
	case kind == "user" && k.SK == "user":
		return build(item, UserRecord)
	case k.SK == "namespace" && strings.HasPrefix(k.PK, "ns#"):
		return build(item, NamespaceRecord)
	case k.SK == "project":
		return build(item, ProjectRecord)
	case kind == "project" && strings.HasPrefix(k.PK, "key#"):
		return build(item, DeployKeyLinkRecord)
	case k.SK == "key":
		return build(item, KeyRecord)
	}
	return nil, errNoRecord
}

// rebuildByPartition builds the records that only their partition tells apart.
func rebuildByPartition(item Item, k Key, kind string) (*Record, error) {
	switch partition := beforeHash(k.PK); {
	case partition == "sshca" && kind == "ns":
		return build(item, SSHCertificateRecord)
	case k.PK == "exclusions" && kind == "ns":
		return build(item, StorageLimitExclusionRecord)
	case partition == "scim" && k.SK == "token":
		return build(item, SCIMTokenRecord)
	}
	return nil, errNoRecord
}

// build decodes an item and builds its record, which therefore consists of the items that were written with it.
func build[T any](item Item, record func(*T) *Record) (*Record, error) {
	value := new(T)
	if err := decode(item, value); err != nil {
		return nil, err
	}
	return record(value), nil
}
