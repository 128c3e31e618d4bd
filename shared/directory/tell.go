package directory

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/record"
)

// What an export says of records, in the documents' own structs.

// tellValue says what the record was built from, where documents have the same struct.
func tellValue(r *record.Record) []any { return []any{r.Value()} }

// tellInstance tells settings and messages, without the storages that lie in the same record.
func tellInstance(r *record.Record) []any {
	in, ok := r.Value().(*record.Installation)
	if !ok {
		return nil
	}
	return []any{&instance{Instance: in.Instance, Broadcasts: in.Broadcasts}}
}

// tellStorages tells each storage as a record, in the order of the names.
func tellStorages(r *record.Record) []any {
	in, ok := r.Value().(*record.Installation)
	if !ok {
		return nil
	}
	var all []any
	for _, s := range in.Storages {
		all = append(all, &s)
	}
	// A map has no order, and two exports of one state must be the same text.
	slices.SortFunc(all, func(a, b any) int {
		one, _ := a.(*gitlab.Storage)
		other, _ := b.(*gitlab.Storage)
		return strings.Compare(one.Name, other.Name)
	})
	return all
}

// tellNamespace says where a namespace was before as well: documents call it redirects.
func tellNamespace(r *record.Record) []any {
	v, ok := r.Value().(*record.PlacedNamespace)
	if !ok {
		return nil
	}
	ns := *v
	ns.Redirects = redirects(ns.Redirects, ns.Place)
	return []any{&ns}
}

// tellProject does the same for projects.
func tellProject(r *record.Record) []any {
	v, ok := r.Value().(*record.PlacedProject)
	if !ok {
		return nil
	}
	project := *v
	project.Redirects = redirects(project.Redirects, project.Place)
	return []any{&project}
}

// redirects adds the paths that a record had before to those that it was given, as far as a document takes them.
func redirects(given []string, place record.Place) []string {
	all := slices.Clone(given)
	for i, path := range place.Paths {
		known := slices.ContainsFunc(all, func(p string) bool { return strings.EqualFold(p, path) })
		// The first path is the one that it has now.
		if i > 0 && !known && len(all) < document.Lengths["Project.redirects"] {
			all = append(all, path)
		}
	}
	return all
}

// tellKey passes over deploy keys, which lie in the same catalog and are an array of their own.
func tellKey(r *record.Record) []any {
	key, ok := r.Value().(*gitlab.Key)
	if !ok || key.Type == gitlab.DeployKey {
		return nil
	}
	return []any{key}
}

// readDeployKey reads a deploy key's links behind the key itself, so that telling the one finds the others.
func readDeployKey(ctx context.Context, s *store.Store, root *record.Record, _ string) ([]*record.Record, string, error) {
	key, ok := root.Value().(*gitlab.Key)
	if !ok || key.Type != gitlab.DeployKey {
		return nil, "", nil
	}
	// Documents list the projects within the key, the table keeps a record for each.
	links, err := s.DeployKeyLinks(ctx, key.ID)
	if err != nil {
		return nil, "", err
	}
	// The record goes on as what it is; only what tells it looks at the links.
	with := &linkedKey{key, linksOf(links)}
	return []*record.Record{root.With(with)}, "", nil
}

// linkedKey is a deploy key with the projects that it is let into.
type linkedKey struct {
	*gitlab.Key
	links []gitlab.DeployKeyLink
}

// tellDeployKey tells what readDeployKey has put together.
func tellDeployKey(r *record.Record) []any {
	v, ok := r.Value().(*linkedKey)
	if !ok {
		return nil
	}
	// kept is no field of a document: it has what documents do not say, so that nothing of the key is lost here.
	return []any{&deployKey{
		ID: v.ID, CreatorID: v.UserID, Title: v.Title, Text: v.Text, ExpiresAt: v.ExpiresAt, Projects: v.links, kept: *v.Key,
	}}
}

// tellBranches tells each rule of the record that has them all; documents give them one by one.
func tellBranches(r *record.Record) []any {
	rules, ok := r.Value().(*record.Rules)
	if !ok {
		return nil
	}
	all := make([]any, len(rules.Branches))
	for i := range rules.Branches {
		all[i] = &rules.Branches[i]
	}
	return all
}

// tellTags does the same for tags.
func tellTags(r *record.Record) []any {
	rules, ok := r.Value().(*record.Rules)
	if !ok {
		return nil
	}
	all := make([]any, len(rules.Tags))
	for i := range rules.Tags {
		all[i] = &rules.Tags[i]
	}
	return all
}

// tellRef leaves out what is gone and only remembered for a while, and names that JSON cannot have.
func tellRef(r *record.Record) []any {
	ref, ok := r.Value().(*gitlab.Ref)
	if !ok || gitlab.Blank(ref.Target) || !utf8.ValidString(ref.Name) {
		return nil
	}
	return []any{ref}
}

// tellCertificate gives the fingerprint, which is all that is kept of the authority's key.
func tellCertificate(r *record.Record) []any {
	c, ok := r.Value().(*gitlab.SSHCertificate)
	if !ok {
		return nil
	}
	return []any{&certificate{NamespaceID: c.NamespaceID, Fingerprint: c.Fingerprint, Title: c.Title}}
}

// tellIdentity leaves out identities that their provider has deleted: a document can only say that there is one.
func tellIdentity(r *record.Record) []any {
	i, ok := r.Value().(*gitlab.SCIMIdentity)
	if !ok || i.Deleted {
		return nil
	}
	return []any{i}
}
