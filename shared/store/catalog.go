package store

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// Everything in the table hangs off a user, a namespace, a project or a key, and is listed there. Those four are listed by the
// catalog, so that the whole directory can be walked without a Scan.

// CatalogParts is how many partitions list the records of one kind, so that making many of them at once has no hot one.
const CatalogParts = 16

// catalogKey lists a record among those of its kind.
func catalogKey(kind string, id gitlab.ID) Key {
	return catalogPart(kind, int(id%CatalogParts), num(id))
}

// catalogPart is a place in one of the partitions.
func catalogPart(kind string, part int, place string) Key {
	return Key{"catalog#" + kind + "#" + num(gitlab.ID(part)), place}
}

// Catalog returns up to limit records of a kind (KindUser, KindNamespace, KindProject, KindKey) from one of the CatalogParts,
// those behind a place, and the place to go on from, "" at the end. Records whose removal has begun are left out.
func (s *Store) Catalog(ctx context.Context, kind string, part int, after string, limit int) ([]*Record, string, error) {
	items, next, err := s.page(ctx, catalogPart(kind, part, ""), after, limit)
	if err != nil {
		return nil, "", err
	}
	keys := make([]Key, len(items))
	for i, item := range items {
		id, _ := gitlab.ParseID(keyOf(item).SK)
		keys[i] = OwnKey(kind, id)
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

// Listed returns up to limit of the records that are listed with another one, of which owner is the own item's key, those
// behind a place, and the place to go on from, "" at the end.
func (s *Store) Listed(ctx context.Context, owner Key, list Listing, after string, limit int) ([]*Record, string, error) {
	items, next, err := s.page(ctx, Key{owner.PK, string(list)}, after, limit)
	if err != nil {
		return nil, "", err
	}
	var records []*Record
	var elsewhere []Key
	for _, item := range items {
		k, ok := dependent(owner.PK, keyOf(item), item)
		switch {
		case !ok:
		// Listed here, kept elsewhere: read together below.
		case k != keyOf(item):
			elsewhere = append(elsewhere, k)
		default:
			r, err := s.stored(ctx, item)
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
func (s *Store) kept(ctx context.Context, keys []Key) ([]*Record, error) {
	found, err := s.Records(ctx, keys)
	if err != nil {
		return nil, err
	}
	records := make([]*Record, 0, len(keys))
	for _, k := range keys {
		// What is on its way out is told to nobody as being there.
		if r := found[k]; r != nil && !r.removing {
			records = append(records, r)
		}
	}
	return records, nil
}

// Kept reads records as Records does, without those whose removal has begun.
func (s *Store) Kept(ctx context.Context, keys ...Key) ([]*Record, error) { return s.kept(ctx, keys) }

// RulesKey is the key of the rules of a project or namespace, of which owner is the own item's key.
func RulesKey(owner Key) Key { return rulesKey(owner.PK, 0) }

// TenantKey is the key of a tenant's SCIM token: of a group, of which owner is the own item's key, or of the instance for
// the zero value. Its identities are listed beside it.
func TenantKey(owner Key) Key {
	if owner == (Key{}) {
		return scimTokenKey(scimTenant(nil))
	}
	return scimTokenKey(afterHash(owner.PK))
}

// ExclusionsKey is with what the storage limit exclusions are listed.
func ExclusionsKey() Key { return Key{PK: exclusionKey(0).PK} }

// RaiseID makes sure that ids of a kind that the service gives out come behind one that is taken.
func (s *Store) RaiseID(ctx context.Context, kind string, taken gitlab.ID) error {
	_, err := s.db.WriteIf(ctx, table.Write{
		Verb: table.Update, Key: counterKey(kind),
		Update: "SET n = :taken", If: "attribute_not_exists(n) OR n < :taken",
		Values: Item{":taken": number(taken - FirstID)},
	})
	return err
}
