package store_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// unsound walks over all items of a table and returns what is wrong with them: a record without one of its items, an item that
// belongs to no record, a reference to a missing record.
func unsound(ctx context.Context, s *store.Store, items []table.Item) ([]string, error) {
	w := newWalk(ctx, s, items)
	for k, r := range w.records {
		if r.Key() != k {
			w.wrong("%s has the key %s", k, r.Key())
		}
		if err := w.record(k, r); err != nil {
			return nil, err
		}
	}
	for k := range w.items {
		if w.records[k] == nil && !w.accounted[k] && !transientItem(k) && table.Kind(k.SK) != "mropen" && table.Kind(k.SK) != "counts" {
			w.wrong("%s belongs to no record", k)
		}
	}
	w.noted()
	w.counted()
	slices.Sort(w.found)
	return w.found, nil
}

type walk struct {
	items     map[table.Key]table.Item
	records   map[table.Key]*record.Record
	accounted map[table.Key]bool
	entries   map[string]bool   // "<key> <attribute> <target>:<iid> <text>"
	tallies   map[tallied]int64 // of the records that there are
	found     []string
}

// tallied is a number in an item that counts records.
type tallied struct {
	key       table.Key
	attribute string
}

func newWalk(ctx context.Context, s *store.Store, items []table.Item) *walk {
	w := &walk{
		items: map[table.Key]table.Item{}, records: map[table.Key]*record.Record{}, accounted: map[table.Key]bool{},
		entries: map[string]bool{}, tallies: map[tallied]int64{},
	}
	for _, item := range items {
		w.items[table.KeyOf(item)] = item
	}
	for k, item := range w.items {
		if r, err := s.Stored(ctx, item); err == nil { // else an index item, which a record must account for
			w.records[k] = r
		}
	}
	return w
}

func (w *walk) wrong(format string, args ...any) {
	w.found = append(w.found, fmt.Sprintf(format, args...))
}

// record compares the items with the writes that create a record.
func (w *walk) record(k table.Key, r *record.Record) error {
	if r.Version() < 1 {
		w.wrong("%s has no version", k)
	}
	writes, err := record.Writes(record.Change{New: r})
	for i := range writes {
		write := &writes[i]
		switch {
		case write.Key == k && write.Verb == table.Put:
		case write.Verb == table.Check:
			if w.records[write.Key] == nil {
				w.wrong("%s refers to %s, which is missing", k, write.Key)
			}
		case write.Verb == table.Put:
			w.index(k, write)
		case write.Names["#entry"] != "":
			if kept := w.records[write.Key]; kept == nil || !kept.Removing() { // else the entry may be gone
				w.entries[fmt.Sprint(write.Key, write.Names["#map"], write.Names["#entry"], shown(write.Values[":entry"]))] = true
			}
		default:
			w.tallies[tallied{write.Key, write.Names["#t0"]}] += table.Integer(write.Values, ":t0")
		}
	}
	w.chain(k, r)
	return err
}

// index compares an item of a record beside its own.
func (w *walk) index(k table.Key, write *table.Write) {
	item, ok := w.items[write.Key]
	attrs := maps.Clone(item)
	delete(attrs, "pk")
	delete(attrs, "sk")
	holder := layout.OwnKey(table.Text(item, "kind"), table.Integer(item, "id"))
	switch {
	case !ok:
		w.wrong("%s lacks %s", k, write.Key)
	case len(attrs) == 0 && len(write.Item) == 0 || plain(attrs) == plain(write.Item):
		w.accounted[write.Key] = true
	case table.Kind(write.Key.PK) == "path" && w.records[holder] != nil:
		// Another record lives or lived at the same path, and accounts for the item.
	default:
		w.wrong("%s has %s otherwise: %v, not %v", k, write.Key, plain(attrs), plain(write.Item))
	}
}

// chain follows a namespace upward to the top.
func (w *walk) chain(k table.Key, r *record.Record) {
	for range 32 {
		ns, ok := r.Value().(*record.PlacedNamespace)
		if !ok || ns.ParentID == nil {
			return
		}
		if r = w.records[layout.NamespaceKey(*ns.ParentID)]; r == nil {
			return
		}
	}
	w.wrong("%s lies below itself", k)
}

// shown is the text of an attribute.
func shown(v table.Value) string {
	item := table.Item{"v": v}
	if s := table.Text(item, "v"); s != "" {
		return s
	}
	var value any
	_ = table.DecodeValue(v, &value)
	return fmt.Sprint(value)
}

// noted compares what other items note of merge requests with the merge requests that set those entries.
func (w *walk) noted() {
	for k, item := range w.items {
		switch {
		case table.Kind(k.SK) == "mropen":
			for name := range item {
				if name != "pk" && name != "sk" {
					w.note(k, "", name, table.Text(item, name))
				}
			}
		case (k.SK == "project" || k.SK == "namespace") && w.records[k] != nil && !w.records[k].Removing():
			for _, attribute := range []string{"collaborations", "merging", "saml_group_levels"} {
				var entries map[string]any
				if item[attribute] != nil {
					_ = table.DecodeValue(item[attribute], &entries)
				}
				for name, value := range entries {
					if name != "-" { // the entry that gives no level
						w.note(k, attribute, name, fmt.Sprint(value))
					}
				}
			}
		}
	}
	for entry := range w.entries {
		w.wrong("merge request is not noted: %s", entry)
	}
}

func (w *walk) note(k table.Key, attribute, name, text string) {
	entry := fmt.Sprint(k, attribute, name, text)
	if !w.entries[entry] {
		w.wrong("%s keeps %s %s for no merge request", k, attribute, name)
	}
	delete(w.entries, entry)
}

// counted compares what items count with the records that there are.
func (w *walk) counted() {
	for k, item := range w.items {
		for _, block := range record.BlocksOf(item) {
			t := tallied{k, record.BlockName(block)}
			if n := table.Integer(item, t.attribute); n != w.tallies[t] {
				w.wrong("%s counts %d in %s, there are %d", k, n, t.attribute, w.tallies[t])
			}
			delete(w.tallies, t)
		}
	}
	for t := range w.tallies {
		w.wrong("%s does not count %s", t.key, t.attribute)
	}
}

// transientItem reports whether an item is no part of the directory.
func transientItem(k table.Key) bool {
	return slices.Contains([]string{"counter", "rate", "message", "otp", "handout", "audit", "mrclaim", "mrdone"}, table.Kind(k.PK)) ||
		k.SK == "otp" || k.SK == "recovery"
}

// plain shows an item with its attributes in order.
func plain(item table.Item) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(item)) {
		fmt.Fprintf(&b, "%s=%s ", name, shown(item[name]))
	}
	return b.String()
}

// countsOf is an item that gives a tenant n identities.
func countsOf(tenant string, n int64) table.Item {
	return scimkeys.Counts(tenant, 0, 0).With(table.Item{record.BlockName(0): table.Number(n)})
}

// listedIdentities are the items that list n identities of a tenant, in full blocks, and count them; the user of number i has the
// id first + i.
func listedIdentities(tenant gitlab.ID, n int, first gitlab.ID, at time.Time) []table.Item {
	items := make([]table.Item, 0, n)
	name := table.ID(tenant)
	counted := map[table.Key]table.Item{}
	for i := range n {
		block := i / scimkeys.BlockSize
		identity := &gitlab.SCIMIdentity{
			NamespaceID: &tenant, ExternUID: "u-" + strconv.Itoa(i), UserID: first + gitlab.ID(i), Active: true, CreatedAt: &at, UpdatedAt: &at,
			Place: scimkeys.Place(block, at, fmt.Sprintf("%09d", i)),
		}
		items = append(items, scimkeys.List(name, identity.Place).With(table.Encode(identity)))
		k, attribute := scimkeys.Counts(name, block, scimkeys.Shard(identity.Place)), record.BlockName(int64(block))
		if counted[k] == nil {
			counted[k] = k.Item()
		}
		counted[k][attribute] = table.Number(table.Integer(counted[k], attribute) + 1)
	}
	return slices.AppendSeq(items, maps.Values(counted))
}

// misnoted returns where the notes of SCIM groups, by which requests are decided, differ from the groups, their members and the
// identities.
func misnoted(ctx context.Context, s *store.Store, items []table.Item) []string {
	w := newWalk(ctx, s, items)
	for k, r := range w.records {
		switch v := r.Value().(type) {
		case *gitlab.SCIMGroupMember:
			group := w.group(v.NamespaceID, v.GroupID)
			if name := w.notes(v.NamespaceID, v.UserID)[table.ID(v.GroupID)]; group != nil && name != group.DisplayName && !group.Renaming {
				w.wrong("%s is noted as %q, the group is %q", k, name, group.DisplayName)
			}
		case *gitlab.User:
			w.notesHold(k, nil, v.ID, v.SCIMGroups)
		case *gitlab.Member:
			if v.NamespaceID == nil {
				continue
			}
			w.notesHold(k, v.NamespaceID, v.UserID, v.SCIMGroups)
			if i := w.identity(v.NamespaceID, v.UserID); len(v.SCIMGroups) > 0 && (i == nil || i.Active == v.SCIMInactive) {
				w.wrong("%s notes SCIM groups as inactive %v, the identity is %+v", k, v.SCIMInactive, i)
			}
		}
	}
	return w.found
}

// notesHold checks that a user is in the noted groups.
func (w *walk) notesHold(k table.Key, tenant *gitlab.ID, user gitlab.ID, notes map[string]string) {
	for group := range notes {
		id, _ := gitlab.ParseID(group)
		if w.records[scimkeys.GroupMember(id, user)] == nil || w.group(tenant, id) == nil {
			w.wrong("%s notes group %s, which the user is not in", k, group)
		}
	}
}

// notes are the groups of a tenant's identity provider that are noted for a user.
func (w *walk) notes(tenant *gitlab.ID, user gitlab.ID) map[string]string {
	if tenant == nil {
		if u, ok := w.value(layout.UserKey(user)).(*gitlab.User); ok {
			return u.SCIMGroups
		}
		return nil
	}
	if m, ok := w.value(layout.NamespaceMemberKey(*tenant, user)).(*gitlab.Member); ok {
		return m.SCIMGroups
	}
	return nil
}

func (w *walk) group(tenant *gitlab.ID, id gitlab.ID) *gitlab.SCIMGroup {
	group, _ := w.value(scimkeys.Group(scimkeys.Tenant(tenant), id)).(*gitlab.SCIMGroup)
	return group
}

// identity is a user's identity with a tenant, nil when it is missing or deleted.
func (w *walk) identity(tenant *gitlab.ID, user gitlab.ID) *gitlab.SCIMIdentity {
	for _, r := range w.records {
		i, ok := r.Value().(*gitlab.SCIMIdentity)
		if ok && !i.Deleted && i.UserID == user && scimkeys.Tenant(i.NamespaceID) == scimkeys.Tenant(tenant) {
			return i
		}
	}
	return nil
}

func (w *walk) value(k table.Key) any {
	if r := w.records[k]; r != nil {
		return r.Value()
	}
	return nil
}
