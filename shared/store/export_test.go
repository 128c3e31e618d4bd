package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

// Unsound walks over all items of a table and returns what is wrong with them: a record whose items are not all there,
// an item that no record accounts for, a reference to a record that is not there.
func (s *Store) Unsound(ctx context.Context, items []Item) ([]string, error) {
	w := walk{items: map[Key]Item{}, records: map[Key]*Record{}, accounted: map[Key]bool{}, entries: map[string]bool{}, tallies: map[tally]int64{}}
	for _, item := range items {
		w.items[keyOf(item)] = item
	}
	for k, item := range w.items {
		r, err := s.stored(ctx, item)
		if err != nil {
			continue // an index item, which a record must account for
		}
		if r.key != k {
			w.wrong("%s says that it is %s", k, r.key)
		}
		w.records[k] = r
	}
	for k, r := range w.records {
		w.record(k, r)
	}
	for k := range w.items {
		if w.records[k] == nil && !w.accounted[k] && !transientItem(k) && beforeHash(k.SK) != "mropen" && beforeHash(k.SK) != "counts" {
			w.wrong("%s belongs to no record", k)
		}
	}
	w.noted()
	w.counted()
	slices.Sort(w.found)
	return w.found, nil
}

type walk struct {
	items     map[Key]Item
	records   map[Key]*Record
	accounted map[Key]bool
	entries   map[string]bool // "<key> <attribute> <target>:<iid> <text>"
	tallies   map[tally]int64 // of the records that there are
	found     []string
}

func (w *walk) wrong(format string, args ...any) {
	w.found = append(w.found, fmt.Sprintf(format, args...))
}

func (w *walk) record(k Key, r *Record) {
	if r.version < 1 {
		w.wrong("%s has no version", k)
	}
	for ik, ix := range r.indexes {
		item, ok := w.items[ik]
		attrs := maps.Clone(item)
		delete(attrs, "pk")
		delete(attrs, "sk")
		switch {
		case !ok:
			w.wrong("%s lacks %s", k, ik)
		case sameItem(attrs, ix.attrs):
			w.accounted[ik] = true
		case ix.mode == hint && text(item, "kind") != "" && w.records[holding(ik, item)] != nil:
			// somebody else who lives, or lived, at the same path; that record accounts for it
		default:
			w.wrong("%s has %s otherwise: %v, not %v", k, ik, plain(attrs), plain(ix.attrs))
		}
	}
	for _, ref := range r.refs {
		if w.records[ref] == nil {
			w.wrong("%s refers to %s, which is not there", k, ref)
		}
	}
	w.chain(k, r)
	for _, e := range r.entries {
		if kept := w.records[e.key]; kept != nil && kept.removing {
			continue // an entry of what is being removed may be gone
		}
		w.entries[fmt.Sprint(e.key, e.attribute, e.name, shownValue(e.value))] = true
	}
	for _, t := range r.tallies {
		w.tallies[t]++
	}
}

// chain follows a namespace upward to the top.
func (w *walk) chain(k Key, r *Record) {
	for range maxTrips {
		ns, ok := r.value.(*PlacedNamespace)
		if !ok || ns.ParentID == nil {
			return
		}
		if r = w.records[namespaceKey(*ns.ParentID)]; r == nil {
			return
		}
	}
	w.wrong("%s lies below itself", k)
}

// shownValue is a text or a number.
func shownValue(v types.AttributeValue) string {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		return n.Value
	}
	return v.(*types.AttributeValueMemberS).Value
}

// noted compares what other items note of merge requests with the merge requests that set those entries.
func (w *walk) noted() {
	for k, item := range w.items {
		switch {
		case beforeHash(k.SK) == "mropen":
			for name := range item {
				if name != "pk" && name != "sk" {
					w.note(k, "", name, text(item, name))
				}
			}
		case (k.SK == "project" || k.SK == "namespace") && w.records[k] != nil && !w.records[k].removing:
			for _, attribute := range []string{"collaborations", "merging", "saml_group_levels"} {
				entries, ok := item[attribute].(*types.AttributeValueMemberM)
				if !ok {
					continue
				}
				for name, value := range entries.Value {
					if name == noSAMLGroup {
						continue
					}
					w.note(k, attribute, name, shownValue(value))
				}
			}
		}
	}
	for entry := range w.entries {
		w.wrong("merge request is not noted: %s", entry)
	}
}

func (w *walk) note(k Key, attribute, name, text string) {
	entry := fmt.Sprint(k, attribute, name, text)
	if !w.entries[entry] {
		w.wrong("%s keeps %s %s for no merge request", k, attribute, name)
	}
	delete(w.entries, entry)
}

// counted compares what items count with the records that there are.
func (w *walk) counted() {
	for k, item := range w.items {
		for _, block := range blocksOf(item) {
			t := tally{k, blockName(block)}
			if n := integer(item, t.attribute); n != w.tallies[t] {
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
func transientItem(k Key) bool {
	return slices.Contains([]string{"counter", "rate", "message", "otp", "handout", "audit"}, beforeHash(k.PK)) ||
		k.SK == "otp" || k.SK == "recovery"
}

func plain(item Item) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(item)) {
		fmt.Fprintf(&b, "%s=%v ", name, item[name])
	}
	return b.String()
}

// CountsItem is an item that counts a tenant's identities.
type CountsItem struct {
	PK, SK     string
	Attributes Item
}

// SCIMCounts is an item that says that a tenant has n of them.
func SCIMCounts(tenant string, n int64) CountsItem {
	k := scimCountsKey(tenant, 0, 0)
	return CountsItem{PK: k.PK, SK: k.SK, Attributes: Item{blockName(0): number(n)}}
}

// ListedIdentities are the items that list n identities of a tenant, in full blocks, and count them; the user of number i has
// the id first + i.
func ListedIdentities(tenant gitlab.ID, n int, first gitlab.ID, at time.Time) []Item {
	items := make([]Item, 0, n)
	counts := map[tally]int64{}
	for i := range n {
		r := SCIMIdentityRecord(&gitlab.SCIMIdentity{
			NamespaceID: &tenant, ExternUID: "u-" + strconv.Itoa(i), UserID: first + gitlab.ID(i), Active: true, CreatedAt: &at, UpdatedAt: &at,
			Place: scimPlace(i/scimBlockSize, at, fmt.Sprintf("%09d", i)),
		})
		for _, t := range r.tallies {
			counts[t]++
		}
		for k, ix := range r.indexes {
			if beforeHash(k.SK) == "list" {
				items = append(items, keyed(k, ix.attrs))
			}
		}
	}
	counted := map[Key]Item{}
	for t, n := range counts {
		if counted[t.key] == nil {
			counted[t.key] = t.key.Item()
		}
		counted[t.key][t.attribute] = number(n)
	}
	return slices.AppendSeq(items, maps.Values(counted))
}

// keyed is an item with its key.
func keyed(k Key, attrs Item) Item {
	item := k.Item()
	maps.Copy(item, attrs)
	return item
}
