package directory

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// reference is where a record names another one.
type reference struct {
	place string // the field within the record: "push_access_levels[0].user_id"
	kind  string // as the store names kinds
	id    gitlab.ID
	given bool // by the document itself
}

// target returns the key of the record that is named.
func (r reference) target() table.Key { return layout.OwnKey(r.kind, r.id) }

// lets reports whether the record stays, without this reference, when the record that it names is removed.
//
// It must say the same as what package store does when it removes a record: a test removes each and looks.
func (r reference) lets() bool {
	field, _, _ := strings.Cut(r.place, "[")
	return slices.Contains([]string{
		"creator_id", "created_by_user_id", "enterprise_group_id", "provisioned_by_group_id",
		"push_access_levels", "merge_access_levels", "create_access_levels",
	}, field)
}

// referring are the fields that name other records, and of which kind those are.
var referring = map[string]string{
	"user_id":                 layout.KindUser,
	"owner_id":                layout.KindUser,
	"author_id":               layout.KindUser,
	"creator_id":              layout.KindUser,
	"created_by_user_id":      layout.KindUser,
	"project_id":              layout.KindProject,
	"source_project_id":       layout.KindProject,
	"namespace_id":            layout.KindNamespace,
	"parent_id":               layout.KindNamespace,
	"group_id":                layout.KindNamespace,
	"enterprise_group_id":     layout.KindNamespace,
	"provisioned_by_group_id": layout.KindNamespace,
	"deploy_key_id":           layout.KindKey,
	"agent_id":                layout.KindAgent,
}

// referencesOf returns the references of a record, a pointer to its struct.
func referencesOf(record any) []reference {
	return collect(nil, reflect.ValueOf(record).Elem(), "")
}

// collect adds the references of one struct and of those in its lists.
func collect(refs []reference, v reflect.Value, prefix string) []reference {
	s := document.SchemaOf(v.Type())
	for i := range s.Fields {
		f := &s.Fields[i]
		value, place := v.FieldByIndex(f.Index), prefix+f.Name
		// What a record lists may name others, as the entries of a rule do.
		if value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Struct {
			for n := range value.Len() {
				refs = collect(refs, value.Index(n), fmt.Sprintf("%s[%d].", place, n))
			}
			continue
		}
		kind, ok := referring[f.Name]
		// Absent and cleared references are zero; no record has the id 0.
		if !ok || value.IsZero() {
			continue
		}
		if value.Kind() == reflect.Pointer {
			value = value.Elem()
		}
		refs = append(refs, reference{place: place, kind: kind, id: value.Int()})
	}
	return refs
}

// word is what a message calls a record of a kind.
func word(kind string) string {
	switch kind {
	case layout.KindPersonalToken:
		return "personal access token"
	case layout.KindAgentToken:
		return "agent token"
	}
	return kind
}
