package record

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// Rules are all protection rules of one project or namespace. They are kept together, so that a push reads them with
// its one round trip.
type Rules struct {
	ProjectID   *gitlab.ID               `json:"project_id,omitempty"`
	NamespaceID *gitlab.ID               `json:"namespace_id,omitempty"`
	Branches    []gitlab.ProtectedBranch `json:"branches,omitempty"`
	Tags        []gitlab.ProtectedTag    `json:"tags,omitempty"`
}

// rulesPartSize is how much of the rules goes into one item; the rest goes into numbered ones beside it.
const rulesPartSize = 300 << 10

// RulesRecord is the rules of a project or namespace, listed with every user, group and deploy key they name.
func RulesRecord(rules *Rules) *Record {
	place := layout.Partition(rules.ProjectID, rules.NamespaceID)
	r := newRecord(layout.RulesKey(place, 0), rules)
	r.refer(ownKey(place))
	for i := range rules.Branches {
		r.grants(place, rules.Branches[i].PushAccessLevels)
		r.grants(place, rules.Branches[i].MergeAccessLevels)
	}
	for i := range rules.Tags {
		r.grants(place, rules.Tags[i].CreateAccessLevels)
	}
	// Nearly all places have rules that fit one item, and pay nothing for those that do not.
	r.divide(place)
	return r
}

// Empty reports whether there are no rules.
func (r *Rules) Empty() bool { return len(r.Branches) == 0 && len(r.Tags) == 0 }

// grants lists the rules with everyone whom one of them lets in, so that removing them finds it.
func (r *Record) grants(place string, to []gitlab.Grantee) {
	for _, g := range to {
		switch {
		case g.UserID != nil:
			r.referTo(layout.UserKey(*g.UserID), "rules#"+place)
		case g.GroupID != nil:
			r.referTo(layout.NamespaceKey(*g.GroupID), "rules#"+place)
		case g.DeployKeyID != nil:
			r.referTo(layout.KeyKey(*g.DeployKeyID), "rules#"+place)
		}
	}
}

// divide moves rules that do not fit the record's own item into numbered items. The own item then has "parts".
func (r *Record) divide(place string) {
	if table.Size(r.attrs) <= rulesPartSize {
		return
	}
	parts := []table.Item{{}}
	size := 0
	for _, list := range []string{"branches", "tags"} {
		for _, rule := range table.Elements(r.attrs, list) {
			if size += table.ValueSize(rule); size > rulesPartSize && len(parts[len(parts)-1]) > 0 {
				parts, size = append(parts, table.Item{}), table.ValueSize(rule)
			}
			last := parts[len(parts)-1]
			last[list] = table.List(append(table.Elements(last, list), rule))
		}
		delete(r.attrs, list)
	}
	// The first part stays in the own item, so that the first read has rules already.
	for list, rules := range parts[0] {
		r.attrs[list] = rules
	}
	r.attrs["parts"] = table.Number(int64(len(parts)))
	for n, part := range parts[1:] {
		r.own(layout.RulesKey(place, n+1), part)
	}
}

// joinParts reads the numbered items of rules whose own item says that there are some.
func (s *Directory) joinParts(ctx context.Context, item table.Item) (*Rules, error) {
	var rules Rules
	if err := table.Decode(item, &rules); err != nil {
		return nil, err
	}
	var keys []table.Key
	for n := int64(1); n < table.Integer(item, "parts"); n++ {
		keys = append(keys, layout.RulesKey(table.Text(item, "pk"), int(n)))
	}
	found, err := s.db.Get(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		var part Rules
		if err := table.Decode(found[k], &part); err != nil {
			return nil, err
		}
		rules.Branches = append(rules.Branches, part.Branches...)
		rules.Tags = append(rules.Tags, part.Tags...)
	}
	return &rules, nil
}
