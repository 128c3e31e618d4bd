package importer

import (
	"context"
	"errors"
	"fmt"

	api "gitlab.com/gitlab-org/api/client-go"
)

// errGone says that something has been removed since it was listed.
var errGone = errors.New("is gone")

// isGone reports whether an error only says that there is nothing left to be asked for.
func isGone(err error) bool { return errors.Is(err, errGone) }

// keyset asks for pages that follow ids, and so miss nothing when something is removed meanwhile.
var keyset = api.ListOptions{Pagination: "keyset", OrderBy: "id", Sort: "asc", PerPage: perPage}

// projects are listed whole; what hangs off them is asked for one by one.
func (w *walk) projects() list {
	return list{name: "projects", page: w.listProjects, visit: w.visitProject}
}

// listProjects keeps a page of projects, with the groups that they are shared with: the list tells of both.
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

// shares notes which groups are let into a project.
func (p *project) shares(into records) (err error) {
	for _, s := range p.SharedWithGroups {
		err = errors.Join(err, into.add("shares", shareRecord{
			GroupID: s.GroupID, ProjectID: &p.ID, AccessLevel: s.GroupAccessLevel, ExpiresAt: day(s.ExpiresAt),
		}))
	}
	return err
}

// visitProject asks for everything that a project has. What is missing may mean that the project itself is gone.
func (w *walk) visitProject(ctx context.Context, id int64, into records) error {
	path := fmt.Sprintf("projects/%d", id)
	at := place{path: path, project: &id}
	for _, part := range []func(context.Context, place, records) error{w.members, w.branches, w.tags, w.deployKeys, w.agents} {
		if err := part(ctx, at, into); err != nil {
			return w.orGone(ctx, path, err)
		}
	}
	return nil
}

// orGone finds out what "not found" means. It must not be taken for "no rules" while the project is there.
func (w *walk) orGone(ctx context.Context, path string, err error) error {
	if !errors.Is(err, api.ErrNotFound) {
		return err
	}
	var there struct{}
	if _, again := w.source.get(ctx, path, nil, "", &there); errors.Is(again, api.ErrNotFound) {
		return fmt.Errorf("%s: %w", path, errGone)
	}
	return err
}

// groups are listed by their ids only: the list does not have all fields.
func (w *walk) groups() list {
	return list{name: "groups", numbered: true, page: w.listGroups, visit: w.visitGroup}
}

// listGroups keeps nothing but the ids.
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

// visitGroup asks for the group itself and what it has.
func (w *walk) visitGroup(ctx context.Context, id int64, into records) error {
	path := fmt.Sprintf("groups/%d", id)
	at := place{path: path, group: &id}
	var g group
	// All its projects would come with it, if it were not told otherwise.
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
	return w.orGone(ctx, path, err)
}

// shares notes which groups are let into a group.
func (g *group) shares(into records) (err error) {
	for _, s := range g.SharedWithGroups {
		err = errors.Join(err, into.add("shares", shareRecord{
			GroupID: s.GroupID, NamespaceID: &g.ID, AccessLevel: s.GroupAccessLevel, ExpiresAt: day(s.ExpiresAt),
		}))
	}
	return err
}

// optional lets a resource be missing that not every edition of GitLab has.
func optional(err error) error {
	if errors.Is(err, api.ErrNotFound) {
		return nil
	}
	return err
}

// users are listed with their namespaces; GitLab's own accounts, which do not use git, are left out.
func (w *walk) users() list {
	return list{name: "users", page: w.listUsers, visit: w.visitUser}
}

// listUsers keeps a page of users and their personal namespaces.
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

// visitUser asks for a user's keys, which the list does not have.
func (w *walk) visitUser(ctx context.Context, id int64, into records) error {
	path := fmt.Sprintf("users/%d", id)
	keys, err := every[api.SSHKey](ctx, w.source, path+"/keys")
	if err != nil {
		return w.orGone(ctx, path, err)
	}
	for _, k := range keys {
		err = errors.Join(err, into.add("keys", keyRecord{
			ID: k.ID, UserID: id, Title: titled(k.Title), Key: k.Key, UsageType: k.UsageType,
			ExpiresAt: k.ExpiresAt, CreatedAt: k.CreatedAt,
		}))
	}
	return err
}

// titled returns a key's title, which the document must have.
func titled(title string) string {
	if title == "" {
		return "key"
	}
	return title
}
