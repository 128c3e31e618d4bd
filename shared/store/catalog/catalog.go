package catalog

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// Catalog returns up to limit records of a kind behind a place of one of the CatalogParts, and the last place, "" at the end. The
// kinds are KindUser, KindNamespace, KindProject and KindKey. Records whose removal has begun are left out.
func (s *Lists) Catalog(ctx context.Context, kind string, part int, after string, limit int) ([]*record.Record, string, error) {
	items, next, err := s.db.Page(ctx, layout.CatalogPart(kind, part, ""), after, limit)
	if err != nil {
		return nil, "", err
	}
	keys := make([]table.Key, len(items))
	for i, item := range items {
		id, _ := gitlab.ParseID(table.KeyOf(item).SK)
		keys[i] = layout.OwnKey(kind, id)
	}
	records, err := s.kept(ctx, keys)
	return records, next, err
}

// Listing is where records are listed with another one: by the beginning of their places in its partition.
type Listing string

// The listings. Each is of one kind of record.
const (
	Members        Listing = "member#"
	Refs           Listing = "ref#"
	MergeRequests  Listing = "mr#"
	Policies       Listing = "policy#"
	SAMLLinks      Listing = "samllink#"
	Certificates   Listing = "sshca#"
	Identities     Listing = "identity#"     // of TenantKey
	Exclusions     Listing = "ns#"           // of ExclusionsKey
	PersonalTokens Listing = "back#pat#"     // of a user
	Snippets       Listing = "back#snippet#" // of a user
	Agents         Listing = "back#agent#"   // of a project or a user
	AgentTokens    Listing = "back#agenttoken#"
)

// Listed returns up to limit records of a listing behind a place, and the last place, "" at the end. owner is the key of the record
// that they are listed with.
func (s *Lists) Listed(ctx context.Context, owner table.Key, list Listing, after string, limit int) ([]*record.Record, string, error) {
	items, next, err := s.db.Page(ctx, table.Key{PK: owner.PK, SK: string(list)}, after, limit)
	if err != nil {
		return nil, "", err
	}
	var records []*record.Record
	var elsewhere []table.Key
	for _, item := range items {
		k, ok := record.Dependent(owner.PK, table.KeyOf(item), item)
		switch {
		case !ok:
		// Listed here, kept elsewhere: read together below.
		case k != table.KeyOf(item):
			elsewhere = append(elsewhere, k)
		default:
			r, err := s.records.Stored(ctx, item)
			if err != nil {
				return nil, "", err
			}
			records = append(records, r)
		}
	}
	more, err := s.kept(ctx, elsewhere)
	return append(records, more...), next, err
}

// kept reads records in the order of their keys, without those whose removal has begun.
func (s *Lists) kept(ctx context.Context, keys []table.Key) ([]*record.Record, error) {
	found, err := s.records.Records(ctx, keys)
	if err != nil {
		return nil, err
	}
	records := make([]*record.Record, 0, len(keys))
	for _, k := range keys {
		// A record whose removal has begun no longer exists for readers.
		if r := found[k]; r != nil && !r.Removing() {
			records = append(records, r)
		}
	}
	return records, nil
}

// Kept reads records as Records does, without those whose removal has begun.
func (s *Lists) Kept(ctx context.Context, keys ...table.Key) ([]*record.Record, error) {
	return s.kept(ctx, keys)
}

// RulesKey is the key of the rules of a project or namespace, of which owner is the own item's key.
func RulesKey(owner table.Key) table.Key { return layout.RulesKey(owner.PK, 0) }

// TenantKey is the key of a tenant's SCIM token, beside which its identities are listed. owner is the key of the group, or the zero
// value for the instance.
func TenantKey(owner table.Key) table.Key {
	if owner == (table.Key{}) {
		return scimkeys.Token(scimkeys.Tenant(nil))
	}
	return scimkeys.Token(table.Rest(owner.PK))
}

// ExclusionsKey is the partition that lists the storage limit exclusions.
func ExclusionsKey() table.Key { return table.Key{PK: layout.ExclusionKey(0).PK} }

// RaiseID moves the ids of a kind that the service gives out behind a used one.
func (s *Lists) RaiseID(ctx context.Context, kind string, taken gitlab.ID) error {
	_, err := s.db.WriteIf(ctx, table.Write{
		Verb: table.Update, Key: layout.CounterKey(kind),
		Update: "SET n = :taken", If: "attribute_not_exists(n) OR n < :taken",
		Values: table.Item{":taken": table.Number(taken - record.FirstID)},
	})
	return err
}
