package importer

import (
	"context"
	"errors"
	"fmt"

	api "gitlab.com/gitlab-org/api/client-go"
)

// errDeleted means that an item was deleted after it was listed.
var errDeleted = errors.New("was deleted")

// isDeleted reports whether an error is errDeleted.
func isDeleted(err error) bool { return errors.Is(err, errDeleted) }

// keyset requests pages by id. Deletions during the import do not shift them.
var keyset = api.ListOptions{Pagination: "keyset", OrderBy: "id", Sort: "asc", PerPage: perPage}

// projects are listed with all fields. Their rules, members and keys need a visit.
func (w *walk) projects() list {
	return list{name: "projects", page: w.listProjects, visit: w.visitProject}
}

// listProjects stores a page of projects and their shares with groups.
func (w *walk) listProjects(ctx context.Context, next string, into records) ([]int64, string, error) {
	var some []project
	following, err := w.source.get(ctx, "projects", keyset, next, &some)
	if err != nil {
		return nil, "", err
	}
	ids := make([]int64, 0, len(some))
	for i := range some {
		ids = append(ids, some[i].ID)
		err = errors.Join(err, into.add("projects", some[i].record()), some[i].shares(into))
	}
	return ids, following, err
}

// shares stores the shares of a project with groups.
func (p *project) shares(into records) (err error) {
	for _, s := range p.SharedWithGroups {
		err = errors.Join(err, into.add("shares", shareRecord{
			GroupID: s.GroupID, ProjectID: &p.ID, AccessLevel: s.GroupAccessLevel, ExpiresAt: day(s.ExpiresAt),
		}))
	}
	return err
}

// visitProject reads everything of a project. Not found may mean that the project was deleted.
func (w *walk) visitProject(ctx context.Context, id int64, into records) error {
	path := fmt.Sprintf("projects/%d", id)
	at := place{path: path, project: &id}
	for _, part := range []func(context.Context, place, records) error{w.members, w.branches, w.tags, w.deployKeys, w.agents} {
		if err := part(ctx, at, into); err != nil {
			return w.orDeleted(ctx, path, err)
		}
	}
	return nil
}

// orDeleted finds the reason of a not found. Rules of an existing project must not be missing.
func (w *walk) orDeleted(ctx context.Context, path string, err error) error {
	if !errors.Is(err, api.ErrNotFound) {
		return err
	}
	var there struct{}
	if _, again := w.source.get(ctx, path, nil, "", &there); errors.Is(again, api.ErrNotFound) {
		return fmt.Errorf("%s: %w", path, errDeleted)
	}
	return err
}

// groups are listed by id only, because the list lacks fields.
func (w *walk) groups() list {
	return list{name: "groups", numbered: true, page: w.listGroups, visit: w.visitGroup}
}

// listGroups stores the ids only.
func (w *walk) listGroups(ctx context.Context, next string, _ records) ([]int64, string, error) {
	// GitLab has no keyset pages of groups by their ids.
	options := struct {
		api.ListOptions
		AllAvailable bool `url:"all_available"`
	}{api.ListOptions{OrderBy: "id", Sort: "asc", PerPage: perPage}, true}
	var some []struct {
		ID int64 `json:"id"`
	}
	following, err := w.source.get(ctx, "groups", options, next, &some)
	ids := make([]int64, 0, len(some))
	for _, g := range some {
		ids = append(ids, g.ID)
	}
	return ids, following, err
}

// visitGroup reads a group and its rules and members.
func (w *walk) visitGroup(ctx context.Context, id int64, into records) error {
	path := fmt.Sprintf("groups/%d", id)
	at := place{path: path, group: &id}
	var g group
	// Without this parameter the answer has all projects.
	without := struct {
		WithProjects bool `url:"with_projects"`
	}{}
	_, err := w.source.get(ctx, path, without, "", &g)
	if err == nil {
		err = errors.Join(into.add("namespaces", g.namespace()), g.shares(into))
	}
	if err == nil {
		err = w.members(ctx, at, into)
	}
	if err == nil {
		err = optional(w.branches(ctx, at, into))
	}
	return w.orDeleted(ctx, path, err)
}

// shares stores the shares of a group with groups.
func (g *group) shares(into records) (err error) {
	for _, s := range g.SharedWithGroups {
		err = errors.Join(err, into.add("shares", shareRecord{
			GroupID: s.GroupID, NamespaceID: &g.ID, AccessLevel: s.GroupAccessLevel, ExpiresAt: day(s.ExpiresAt),
		}))
	}
	return err
}

// optional accepts a missing resource that some editions of GitLab lack.
func optional(err error) error {
	if errors.Is(err, api.ErrNotFound) {
		return nil
	}
	return err
}

// users are listed with their namespaces. GitLab's own accounts do not use git, so they are omitted.
func (w *walk) users() list {
	return list{name: "users", page: w.listUsers, visit: w.visitUser}
}

// listUsers stores a page of users and their personal namespaces.
func (w *walk) listUsers(ctx context.Context, next string, into records) ([]int64, string, error) {
	options := struct {
		api.ListOptions
		ExcludeInternal bool `url:"exclude_internal"`
	}{keyset, true}
	var some []person
	following, err := w.source.get(ctx, "users", options, next, &some)
	if err != nil {
		return nil, "", err
	}
	ids := make([]int64, 0, len(some))
	for i := range some {
		ids = append(ids, some[i].ID)
		err = errors.Join(err, into.add("users", some[i].user()))
		if some[i].NamespaceID != 0 {
			err = errors.Join(err, into.add("namespaces", some[i].personal()))
		}
	}
	return ids, following, err
}

// visitUser reads a user's keys, which the list lacks.
func (w *walk) visitUser(ctx context.Context, id int64, into records) error {
	path := fmt.Sprintf("users/%d", id)
	keys, err := every[api.SSHKey](ctx, w.source, path+"/keys")
	if err != nil {
		return w.orDeleted(ctx, path, err)
	}
	for _, k := range keys {
		err = errors.Join(err, into.add("keys", keyRecord{
			ID: k.ID, UserID: id, Title: titled(k.Title), Key: k.Key, UsageType: k.UsageType,
			ExpiresAt: k.ExpiresAt, CreatedAt: k.CreatedAt,
		}))
	}
	return err
}

// titled returns a key's title, which is required in the document.
func titled(title string) string {
	if title == "" {
		return "key"
	}
	return title
}
