package importer

import (
	"context"
	"errors"

	api "gitlab.com/gitlab-org/api/client-go"
)

// place is a project or group that is being read.
type place struct {
	path           string // path below the API's address
	project, group *int64
}

// members reads the direct members. Those of parent groups are members there.
func (w *walk) members(ctx context.Context, at place, into records) error {
	all, err := every[member](ctx, w.source, at.path+"/members")
	if err != nil {
		return err
	}
	for i := range all {
		if m, ok := all[i].membership(); ok {
			m.ProjectID, m.NamespaceID = at.project, at.group
			err = errors.Join(err, into.add("members", m))
		}
	}
	return err
}

// branches reads the rules of the place itself. A project's list repeats those of its groups.
func (w *walk) branches(ctx context.Context, at place, into records) error {
	all, err := every[rule](ctx, w.source, at.path+"/protected_branches")
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Inherited {
			continue
		}
		err = errors.Join(err, into.add("protected_branches", branchRecord{
			ProjectID: at.project, NamespaceID: at.group, Name: r.Name, AllowForcePush: r.AllowForcePush,
			PushAccessLevels: grants(r.PushAccessLevels), MergeAccessLevels: grants(r.MergeAccessLevels),
		}))
	}
	return err
}

// tags reads the rules of a project. Groups lack such rules.
func (w *walk) tags(ctx context.Context, at place, into records) error {
	all, err := every[rule](ctx, w.source, at.path+"/protected_tags")
	if err != nil {
		return err
	}
	for _, r := range all {
		err = errors.Join(err, into.add("protected_tags", tagRecord{
			ProjectID: *at.project, Name: r.Name, CreateAccessLevels: grants(r.CreateAccessLevels),
		}))
	}
	return err
}

// deployKeys reads the keys of a project. Each of a key's projects lists it.
func (w *walk) deployKeys(ctx context.Context, at place, into records) error {
	all, err := every[api.ProjectDeployKey](ctx, w.source, at.path+"/deploy_keys")
	if err != nil {
		return err
	}
	for _, k := range all {
		err = errors.Join(err, into.add("deploy_keys", deployKeyShare{
			deployKeyRecord{ID: k.ID, Title: titled(k.Title), Key: k.Key, ExpiresAt: k.ExpiresAt},
			linkRecord{ProjectID: *at.project, CanPush: k.CanPush},
		}))
	}
	return err
}

// agents reads agents if GitLab has an agent server.
func (w *walk) agents(ctx context.Context, at place, into records) error {
	all, err := every[api.Agent](ctx, w.source, at.path+"/cluster_agents")
	if err := optional(err); err != nil {
		return err
	}
	for _, a := range all {
		r := agentRecord{ID: a.ID, Name: a.Name, ProjectID: *at.project}
		// A deleted creator has the id 0.
		if a.CreatedByUserID != 0 {
			r.CreatedByUserID = &a.CreatedByUserID
		}
		err = errors.Join(err, into.add("agents", r))
	}
	return optional(err)
}
