package record

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// Records reads records by the keys of their own items, with strong consistency. What is not there is missing from
// the result.
func (s *Directory) Records(ctx context.Context, keys []table.Key) (map[table.Key]*Record, error) {
	items, err := s.db.Get(ctx, table.Distinct(keys))
	if err != nil {
		return nil, err
	}
	records := make(map[table.Key]*Record, len(items))
	for k, item := range items {
		if records[k], err = s.Stored(ctx, item); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// Holder is the record that a unique value leads to.
type Holder struct {
	Kind string    // as index items have it: "user", "key", "namespace", "project", ...; "" for a SCIM identity
	Own  table.Key // the record's own item
}

// Holders reads which records hold unique values, named by their keys (Record.Held). Values that nobody holds are
// missing from the result.
func (s *Directory) Holders(ctx context.Context, keys []table.Key) (map[table.Key]Holder, error) {
	items, err := s.db.Get(ctx, table.Distinct(keys))
	if err != nil {
		return nil, err
	}
	holders := make(map[table.Key]Holder, len(items))
	for k, item := range items {
		holders[k] = Holder{Kind: table.Text(item, "kind"), Own: holding(k, item)}
	}
	return holders, nil
}

// holding returns the own item of the record that an index item leads to.
func holding(k table.Key, item table.Item) table.Key {
	kind, id := table.Text(item, "kind"), table.Integer(item, "id")
	switch {
	case kind == "":
		return scimkeys.Identity(table.Rest(k.PK), table.Text(item, "extern_uid"))
	case kind == kindMergeRequest:
		project, _ := gitlab.ParseID(table.Rest(k.PK))
		return layout.MergeRequestKey(project, id)
	case kind == layout.KindSCIMGroup:
		return scimkeys.Group(table.Rest(k.PK), id)
	case kind == layout.KindSCIMToken && id == 0:
		return scimkeys.Token(scimkeys.Tenant(nil))
	case kind == layout.KindSCIMToken:
		return scimkeys.Token(table.ID(id))
	}
	return layout.OwnKey(kind, id)
}

// Present reads which records are there, named by the keys of their own items (OwnKey).
func (s *Directory) Present(ctx context.Context, keys []table.Key) (map[table.Key]bool, error) {
	items, err := s.db.Get(ctx, table.Distinct(keys))
	if err != nil {
		return nil, err
	}
	present := make(map[table.Key]bool, len(items))
	for k := range items {
		present[k] = true
	}
	return present, nil
}

// NextID gives out an id of a kind that the service numbers itself. It returns each id once; an unused one is left out.
func (s *Directory) NextID(ctx context.Context, kind string) (gitlab.ID, error) {
	return s.ReserveIDs(ctx, kind, 1)
}

// ReserveIDs gives out several ids at once and returns the last of them.
func (s *Directory) ReserveIDs(ctx context.Context, kind string, n int64) (gitlab.ID, error) {
	return s.db.Add(ctx, layout.CounterKey(kind), "n", n)
}

// Stored builds the record of an own item that was read.
func (s *Directory) Stored(ctx context.Context, item table.Item) (*Record, error) {
	r, err := s.rebuilt(ctx, item)
	if err != nil {
		return nil, fmt.Errorf("store: item %s: %w", table.KeyOf(item), err)
	}
	r.version = table.Integer(item, "v")
	_, r.removing = item[layout.Removing]
	return r, nil
}

// rebuilt builds the record of an own item, and reads the further items of those few that are spread over several.
func (s *Directory) rebuilt(ctx context.Context, item table.Item) (*Record, error) {
	k := table.KeyOf(item)
	switch {
	case k == layout.InstanceKey(0):
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
func (s *Directory) rebuiltInstallation(ctx context.Context, item table.Item) (*Record, error) {
	found, err := s.db.Get(ctx, []table.Key{layout.BroadcastKey(0)})
	if err != nil {
		return nil, err
	}
	var in Installation
	if err := table.Decode(item, &in.Settings); err != nil {
		return nil, err
	}
	var messages struct {
		Broadcasts []gitlab.Broadcast `json:"broadcasts"`
	}
	if err := table.Decode(found[layout.BroadcastKey(0)], &messages); err != nil {
		return nil, err
	}
	in.Broadcasts = messages.Broadcasts
	return InstallationRecord(&in), nil
}

// errNoRecord says that an item is not a record's own.
var errNoRecord = errors.New("no record's own item")

// rebuild builds the record of an own item by its place in its partition.
func rebuild(item table.Item, k table.Key) (*Record, error) {
	kind := table.Kind(k.SK)
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
func rebuildMain(item table.Item, k table.Key, kind string) (*Record, error) {
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
func rebuildByPartition(item table.Item, k table.Key, kind string) (*Record, error) {
	switch partition := table.Kind(k.PK); {
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
func build[T any](item table.Item, record func(*T) *Record) (*Record, error) {
	value := new(T)
	if err := table.Decode(item, value); err != nil {
		return nil, err
	}
	return record(value), nil
}
