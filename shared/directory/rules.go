package directory

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store/record"
	"postern/shared/table"
)

// ruleset is a kind whose records are rules: all rules of one project or namespace lie together, so writing one is
// reading, changing and writing them all.
//
// They lie together because every push asks for all rules of its project: one read finds them.
type ruleset[T any] struct {
	records[T]
	of   func(*T) *record.Rules // the empty rules of where the rule is
	list func(*record.Rules) *[]T
	text func(*T) string // the rule's name
	// grants are the lists of those whom a rule lets in, by the field's name.
	grants func(*T) map[string][]gitlab.Grantee
}

// protectedBranches may be those of a project or, for all projects below it, of a group.
func protectedBranches() kind {
	return (&ruleset[gitlab.ProtectedBranch]{
		records: records[gitlab.ProtectedBranch]{
			array:    "protected_branches",
			identity: []string{"project_id", "namespace_id", "name"},
			either:   true,
		},
		of: func(b *gitlab.ProtectedBranch) *record.Rules {
			return &record.Rules{ProjectID: b.ProjectID, NamespaceID: b.NamespaceID}
		},
		list: func(r *record.Rules) *[]gitlab.ProtectedBranch { return &r.Branches },
		text: func(b *gitlab.ProtectedBranch) string { return b.Name },
		grants: func(b *gitlab.ProtectedBranch) map[string][]gitlab.Grantee {
			return map[string][]gitlab.Grantee{
				"push_access_levels": b.PushAccessLevels, "merge_access_levels": b.MergeAccessLevels,
			}
		},
	}).ready()
}

// protectedTags are those of a project only.
func protectedTags() kind {
	return (&ruleset[gitlab.ProtectedTag]{
		records: records[gitlab.ProtectedTag]{array: "protected_tags", identity: []string{"project_id", "name"}},
		of:      func(t *gitlab.ProtectedTag) *record.Rules { return &record.Rules{ProjectID: &t.ProjectID} },
		list:    func(r *record.Rules) *[]gitlab.ProtectedTag { return &r.Tags },
		text:    func(t *gitlab.ProtectedTag) string { return t.Name },
		grants: func(t *gitlab.ProtectedTag) map[string][]gitlab.Grantee {
			return map[string][]gitlab.Grantee{"create_access_levels": t.CreateAccessLevels}
		},
	}).ready()
}

// ready gives the rules an identity of their own: their place and name.
func (k *ruleset[T]) ready() *ruleset[T] {
	k.key = func(rule *T) table.Key {
		return table.Key{PK: record.RulesRecord(k.of(rule)).Key().PK, SK: k.array + "#" + k.text(rule)}
	}
	k.settle = k.settleRule
	return k
}

// settleRule judges whom a rule lets in.
func (k *ruleset[T]) settleRule(_ *run, e *entry[T]) {
	for list, to := range k.grants(e.next) {
		for i, g := range to {
			named := 0
			for _, given := range []bool{g.AccessLevel != nil, g.UserID != nil, g.GroupID != nil, g.DeployKeyID != nil} {
				if given {
					named++
				}
			}
			if named != 1 {
				e.m.Add(placeIn(e.Place, list, i), "must have one of access_level, user_id, group_id, deploy_key_id")
			}
			if g.DeployKeyID != nil && list == "merge_access_levels" {
				e.m.Add(placeIn(e.Place, list, i)+".deploy_key_id", "is for pushing only")
			}
		}
	}
}

// plan is as that of other kinds, except that a rule is looked for among those of its place. Its changes are made when it
// is written, together with those of the other rules there.
func (k *ruleset[T]) plan(ctx context.Context, r *run, portion []document.Raw, m *document.Mistakes) ([]*plan, error) {
	entries := k.open(portion, m)
	found, err := k.stored(ctx, r, entries)
	if err != nil {
		return nil, err
	}
	plans := make([]*plan, 0, len(entries))
	for _, e := range entries {
		if rules := found[k.place(e.next)]; rules != nil {
			e.old = k.find(rules, k.text(e.next))
		}
		k.merge(r, e)
		p := planned(e)
		// Compared here and not by the store, which only sees all rules of the place together.
		p.rewrite = e.old == nil || !reflect.DeepEqual(e.old, e.next)
		plans = append(plans, p)
	}
	return plans, nil
}

// place is the key of the rules that a rule is among.
func (k *ruleset[T]) place(rule *T) table.Key { return record.RulesRecord(k.of(rule)).Key() }

// stored reads the rules of all places of a portion.
func (k *ruleset[T]) stored(ctx context.Context, r *run, entries []*entry[T]) (map[table.Key]*record.Rules, error) {
	keys := make([]table.Key, len(entries))
	for i, e := range entries {
		keys[i] = k.place(e.next)
	}
	found, err := r.store.Records(ctx, keys)
	if err != nil {
		return nil, err
	}
	all := make(map[table.Key]*record.Rules, len(found))
	for key, rec := range found {
		all[key], _ = rec.Value().(*record.Rules)
	}
	return all, nil
}

// find returns a copy of the rule with a name, nil when there is none.
func (k *ruleset[T]) find(rules *record.Rules, name string) *T {
	list := *k.list(rules)
	if i := k.index(list, name); i >= 0 {
		rule := list[i]
		return &rule
	}
	return nil
}

// index returns where the rule with a name is in a list, -1 when it is not. Names are compared as they are.
func (k *ruleset[T]) index(list []T, name string) int {
	return slices.IndexFunc(list, func(rule T) bool { return k.text(&rule) == name })
}

// apply writes the rules of each place once.
func (k *ruleset[T]) apply(ctx context.Context, r *run, plans []*plan) []error {
	errs := make([]error, len(plans))
	places := map[table.Key][]int{}
	for i, p := range plans {
		if rule, ok := p.value.(*T); ok {
			places[k.place(rule)] = append(places[k.place(rule)], i)
		}
	}
	// Once for each place, since all rules of a place are one record.
	for place, at := range places {
		err := k.change(ctx, r, place, func(rules *record.Rules) {
			for _, i := range at {
				rule, _ := plans[i].value.(*T)
				k.put(rules, rule)
			}
		}, plans[at[0]].value)
		for _, i := range at {
			// They were written together, so what befell one befell all.
			errs[i] = err
		}
	}
	return errs
}

// change reads the rules of a place, changes and writes them.
func (k *ruleset[T]) change(
	ctx context.Context, r *run, place table.Key, do func(*record.Rules), example any,
) error {
	found, err := r.store.Records(ctx, []table.Key{place})
	if err != nil {
		return err
	}
	change := record.Change{Old: found[place]}
	rules := &record.Rules{}
	if change.Old != nil {
		stored, _ := change.Old.Value().(*record.Rules)
		*rules = *stored
		// Cloned, because what was read is also what the write is compared with.
		rules.Branches, rules.Tags = slices.Clone(stored.Branches), slices.Clone(stored.Tags)
	} else if rule, ok := example.(*T); ok {
		rules = k.of(rule)
	}
	do(rules)
	// Without a new record the change is a removal: a place without rules has none.
	if !rules.Empty() {
		change.New = record.RulesRecord(rules)
		if err := change.New.Fits(); err != nil {
			return err
		}
	}
	return r.store.Apply(ctx, change)
}

// put adds a rule, or replaces the one of its name. Rules are kept in the order of their names.
//
// The order makes the stored record a function of its rules, so a document that changes none changes nothing.
func (k *ruleset[T]) put(rules *record.Rules, rule *T) {
	list := k.list(rules)
	if i := k.index(*list, k.text(rule)); i >= 0 {
		(*list)[i] = *rule
		return
	}
	*list = append(*list, *rule)
	slices.SortFunc(*list, func(a, b T) int { return strings.Compare(k.text(&a), k.text(&b)) })
}

// remove takes a rule from the others of its place, and the record with the last one.
func (k *ruleset[T]) remove(ctx context.Context, r *run, rec document.Raw) (bool, error) {
	// What is wrong with it was told when the document was checked.
	fields := document.Parse(rec.Data, rec.Place, &document.Mistakes{})
	rule, ok := k.identified(rec, fields, &document.Mistakes{})
	if !ok {
		return false, nil
	}
	for attempt := 1; ; attempt++ {
		was := false
		err := k.change(ctx, r, k.place(rule), func(rules *record.Rules) {
			list := k.list(rules)
			if i := k.index(*list, k.text(rule)); i >= 0 {
				was = true
				*list = slices.Delete(*list, i, i+1)
			}
		}, rule)
		if !errors.Is(err, table.ErrConflict) || attempt == tries {
			return was && err == nil, err
		}
		if err := pause(ctx, attempt); err != nil {
			return false, err
		}
	}
}

// present looks for the rules of "remove" among those of their places.
func (k *ruleset[T]) present(ctx context.Context, r *run, portion []document.Raw) ([]bool, error) {
	entries := k.open(portion, &document.Mistakes{})
	found, err := k.stored(ctx, r, entries)
	if err != nil {
		return nil, err
	}
	there := make([]bool, len(entries))
	for i, e := range entries {
		rules := found[k.place(e.next)]
		there[i] = rules != nil && k.find(rules, k.text(e.next)) != nil
	}
	return there, nil
}
